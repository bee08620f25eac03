"""The lever of migration: a place is noted, kept and proven by the scheduler before the pod is evicted.

What follows the eviction takes as long as the replacement does; `actuator.levers.movers` sees it through.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from actuator.ladder.action import Action, Lever, Outcome, Rung
from actuator.levers.place_store import PlaceStore
from actuator.placement.progress import MOVING
from common.api.core import NODES, Pod
from common.api.meta import rfc3339, rfc3339_micro
from common.api.placement import PlacedPod
from common.api.places import LABEL_HOSTNAME, Place, owner_uid
from common.api.workload import workload_of
from common.kube.client import Client
from common.kube.errors import Forbidden, KubeError, PermanentError

log = logging.getLogger(__name__)

BIND_SECONDS = 3.0
"""The scheduler binds within milliseconds; a placeholder that waits longer has no place."""
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class MigrationSettings:
    """Frozen settings.

    Attributes:
        hold: How long a place is kept, from its note to the landing of the replacement.
    """

    hold: timedelta = timedelta(seconds=120)


class MigrateLever:
    """Notes a place, keeps it, evicts; whatever fails before the eviction leaves nothing behind.

    Args:
        client: Where to, and the API server's time.
        store: Where places are.
        evict: The lever that stops the pod.
        settings: How long.
        may_write: Whether this process still leads; asked before it begins.
    """

    rung = Rung.MIGRATE

    def __init__(
        self,
        client: Client,
        store: PlaceStore,
        evict: Lever,
        settings: MigrationSettings,
        may_write: Callable[[], bool] = lambda: True,
    ) -> None:
        self._client = client
        self._store = store
        self._evict = evict
        self._settings = settings
        self._may_write = may_write

    async def take(self, action: Action) -> Outcome:
        """Moves a pod as far as its eviction.

        Raises:
            KubeError: No answer: a place may be noted or kept, and the pod evicted. The mover finds out.
        """
        before = self._store.requests
        if not self._may_write():
            return Outcome(action, False, "NotLeading", "this process does not lead any more")
        target = action.target
        pod = await self._store.moving_pod(target.namespace, target.name)
        if pod is None or pod.metadata.uid != target.uid or pod.metadata.deletion_timestamp:
            return Outcome(action, True, "AlreadyGone", "the pod was gone already", requests=1)
        try:
            outcome = await self._move(action, pod)
        except PermanentError as error:
            reason = "Forbidden" if isinstance(error, Forbidden) else "NotAccepted"
            outcome = Outcome(action, False, reason, str(error))
        if not outcome.taken:
            await self._undo(action)
        return _with_requests(outcome, self._store.requests - before)

    async def _move(self, action: Action, pod: PlacedPod) -> Outcome:
        place = await self._place(action, pod)
        await self._store.note(action.policy, pod.metadata.uid, place)
        await self._store.keep(pod, place, action.policy)
        why = await self._proven(pod.metadata.uid, place)
        if why:
            return Outcome(action, False, "NoPlace", why)
        outcome = await self._evict.take(action)
        if not outcome.taken:
            return outcome
        text = f"{action.reason}: its place is kept on {place.node}"
        return Outcome(action, True, MOVING, text, outcome.requests, details={"node": place.node})

    async def _place(self, action: Action, pod: PlacedPod) -> Place:
        node = await self._client.get(NODES, action.destination)
        hostname = node.metadata.labels.get(LABEL_HOSTNAME, "")
        now = self._client.clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)
        return Place(
            key=action.key,
            pod=pod.name,
            node=node.name,
            hostname=hostname,
            source=action.node,
            owner=owner_uid(pod.metadata),
            workload=f"{pod.namespace}/{workload_of(pod)}",
            since=rfc3339_micro(now),
            until=rfc3339(now + self._settings.hold),
        )

    async def _proven(self, uid: str, place: Place) -> str:
        """Returns why the scheduler did not put the placeholder onto its node in time; empty if it did."""
        said = "the scheduler did not answer"
        ends = asyncio.get_running_loop().time() + BIND_SECONDS
        while asyncio.get_running_loop().time() < ends:
            holder = await self._store.placeholder(uid)
            if holder is None or _is_over(holder):
                return f"somebody else took the place on {place.node}"
            if holder.spec.node_name:
                return _elsewhere(holder, place)
            refused = (one for one in holder.status.conditions if one.type == "PodScheduled")
            said = next((one.reason for one in refused if one.reason), said)
            await asyncio.sleep(_POLL_SECONDS)
        return f"the scheduler does not accept {place.node} for it: {said}"

    async def _undo(self, action: Action) -> None:
        """Leaves nothing behind; what cannot be released now the mover releases in seconds."""
        try:
            await self._store.release(action.policy, action.target.uid)
        except KubeError as error:
            log.warning("released later", extra={"key": action.key, "error": str(error)})


def _is_over(holder: Pod) -> bool:
    return bool(holder.metadata.deletion_timestamp) or holder.status.phase in ("Succeeded", "Failed")


def _elsewhere(holder: Pod, place: Place) -> str:
    """Returns that a placeholder, left by an earlier move, keeps another node; empty if it does not."""
    kept = holder.spec.node_name
    return "" if kept == place.node else f"its placeholder keeps {kept}, not {place.node}"


def _with_requests(outcome: Outcome, more: int) -> Outcome:
    return replace(outcome, requests=outcome.requests + more)
