"""Sees moves through: watches replacements land, releases every place, and tells how each move ended.

It remembers nothing: what is noted on policies, and the placeholders that exist, are all that it goes by. So
the next leader goes on where a crash left off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from actuator.audit.entries import Ended
from actuator.audit.teller import Teller
from actuator.ladder.action import Action, Lever, Rung
from actuator.levers.place_store import PlaceStore
from actuator.placement.placeholder import ANNOTATION_KEEPER, placeholder_name
from actuator.placement.progress import MIGRATED, NOT_EVICTED, Progress, Seen, progress
from common.api.core import PODS, ObjectReference, Pod
from common.api.placement import PLACED_PODS, PlacedPod
from common.api.places import Place, read_places
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
ORPHANS_SECONDS = 30.0
"""Placeholders whose note is gone are rare: a policy was deleted, or somebody edited it."""
_AGAIN = frozenset({"NotLeading", "DisruptionBudget", "Overloaded"})
"""What an eviction may be refused with now, but not for good."""


class View(Protocol):
    """What the mover looks at."""

    def policies(self) -> Iterable[PowerCappingPolicy]:
        """Returns all policies."""
        ...

    def pods_in(self, namespace: str) -> Sequence[PlacedPod] | None:
        """Returns the pods of a namespace; None where the server has to be asked."""
        ...


class Mover:
    """One leader's look after all moves.

    Args:
        client: Where to.
        store: Where places are.
        evict: The lever that stops a replacement that is stuck.
        view: What is seen of policies and pods.
        teller: Tells how moves end.
        may_write: Whether this process still leads and may change anything.
    """

    def __init__(
        self,
        client: Client,
        store: PlaceStore,
        evict: Lever,
        view: View,
        teller: Teller,
        may_write: Callable[[], bool],
    ) -> None:
        self._client = client
        self._store = store
        self._evict = evict
        self._view = view
        self._teller = teller
        self._may_write = may_write
        self._ended: list[Ended] = []
        self._orphans_at = float("-inf")

    def ended(self) -> list[Ended]:
        """Returns the moves that have ended since the last call."""
        ended, self._ended = self._ended, []
        return ended

    async def run(self) -> None:
        """Does rounds until cancelled."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            if not self._may_write():
                continue
            try:
                await self.round()
            except Exception:  # one broken round must not end the next ones
                log.exception("a round of moves failed")

    async def round(self) -> None:
        """Looks after every place that is noted, and now and then for placeholders without a note."""
        for policy in self._view.policies():
            for uid, place in read_places(policy).items():
                try:
                    await self._tend(policy, uid, place)
                except KubeError as error:
                    log.info("tried again", extra={"key": place.key, "error": str(error)})
        now = self._client.clock.monotonic()
        if now - self._orphans_at >= ORPHANS_SECONDS:
            self._orphans_at = now
            await self._free_orphans()

    async def _tend(self, policy: PowerCappingPolicy, uid: str, place: Place) -> None:
        pods = self._view.pods_in(policy.namespace)
        if pods is None:
            pods = (await self._client.list(PLACED_PODS, policy.namespace)).items
        pod = next((one for one in pods if one.metadata.uid == uid), None)
        others = [one for one in pods if one.metadata.uid != uid]
        step = progress(place, Seen(pod, others, self._now()))
        if not step.over:
            return
        if not await self._store.is_noted(policy.key, uid):
            return  # the local copy lags behind the release
        if step.reason == NOT_EVICTED and not await self._stays(policy.namespace, place.pod, uid):
            return  # the local copy lags behind the eviction
        if not all([await self._make_anew(policy, stuck) for stuck in step.stuck]):
            return
        await self._store.release((policy.namespace, policy.name), uid)
        self._tell(policy, place, uid, step)

    async def _stays(self, namespace: str, name: str, uid: str) -> bool:
        """Whether a pod is there and stays, by a consistent read."""
        pod = await self._store.moving_pod(namespace, name)
        return pod is not None and pod.metadata.uid == uid and not pod.metadata.deletion_timestamp

    async def _make_anew(self, policy: PowerCappingPolicy, pod: Pod) -> bool:
        """Evicts a replacement that waits for a place: its owner makes one that may go anywhere.

        Returns:
            False where it has to be tried again, while the place is still noted.
        """
        action = Action(
            key=f"STUCK/{pod.metadata.uid}",
            rung=Rung.EVICT,
            policy=(policy.namespace, policy.name),
            target=reference(PODS, pod),
            relief_watts=0,
            disruptions=0,
            reason="it waits for a place that is not held any more",
        )
        outcome = await self._evict.take(action)
        log.info("a stuck replacement: %s", outcome.message, extra={"pod": pod.key})
        return outcome.taken or outcome.reason not in _AGAIN

    def _tell(self, policy: PowerCappingPolicy, place: Place, uid: str, step: Progress) -> None:
        ended = Ended(place.key, step.reason, step.message, well=step.reason == MIGRATED)
        self._ended.append(ended)
        pod = ObjectReference(
            api_version="v1", kind="Pod", name=place.pod, namespace=policy.namespace, uid=uid
        )
        self._teller.moved(ended, (reference(POLICIES, policy), pod))

    async def _free_orphans(self) -> None:
        noted = {placeholder_name(uid) for policy in self._view.policies() for uid in read_places(policy)}
        for holder in await self._store.placeholders():
            if holder.name in noted:
                continue
            try:
                await self._free_orphan(holder)
            except KubeError as error:
                log.info("tried again", extra={"placeholder": holder.name, "error": str(error)})

    async def _free_orphan(self, holder: Pod) -> None:
        uid = holder.name.removeprefix(placeholder_name(""))
        keeper = holder.metadata.annotations.get(ANNOTATION_KEEPER, "")
        if not keeper or not await self._store.is_noted(keeper, uid):
            await self._store.free(holder.name)
            log.info("freed a place that no policy notes", extra={"placeholder": holder.name})

    def _now(self) -> datetime:
        return self._client.clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)
