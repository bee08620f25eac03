"""Keeps the counts of workloads under the ceilings that policies' advice names, and gives them back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actuator.gate.policy import Moment
from actuator.gate.refusal import Refusal as GateRefusal
from actuator.gate.settings import GateSettings
from actuator.scaling.announce import Announcer
from actuator.scaling.climb import Climber
from actuator.scaling.execute import Executor, is_held
from actuator.scaling.notes import Found, all_notes
from actuator.scaling.owner_store import OwnerStore
from actuator.scaling.refusals import UNREADABLE_NOTE
from actuator.scaling.rivals import rivals_refused
from actuator.scaling.sources import ScalingSources
from actuator.scaling.survey import Refusal, Survey, Surveyor
from actuator.scaling.wishes import Standing, standing
from common.api.policy import LEVER_SCALE, POLICIES, PowerCappingPolicy
from common.api.reference import reference
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)

SHORTEST_ROUND_SECONDS = 0.5
"""Changes that come this close together are looked at in one round."""
LONGEST_ROUND_SECONDS = 5.0
"""A round is done at least this often: discovery, and owners that are not followed."""
UNSYNCED_SECONDS = 30.0
"""Local copies are complete within seconds; later than this a right is missing, or the server is down."""


@dataclass(frozen=True)
class Gate:
    """Settings of the gate, and the namespace whose pause stops every lever."""

    settings: GateSettings
    home: str


class ScalingKeeper:
    """One leader's rounds. It remembers nothing that the objects and policies do not.

    Args:
        client: Where to write.
        sources: Local copies; they are followed from the first policy on that scales.
        announcer: Tells people.
        gate: When advice may be acted on.
        may_write: Whether this process still leads and may change anything.
    """

    def __init__(
        self,
        client: Client,
        sources: ScalingSources,
        announcer: Announcer,
        gate: Gate,
        may_write: Callable[[], bool],
    ) -> None:
        self._client = client
        self._gate = gate
        self._sources = sources
        self._announcer = announcer
        self._clock = client.clock
        self._executor = Executor(client, sources, announcer, may_write)
        climber = Climber(client, sources, client.clock)
        self._surveyor = Surveyor(sources, climber, OwnerStore(client, sources.kinds))
        self._seen: tuple[PowerCappingPolicy, ...] = ()
        self._told = asyncio.Event()
        self._paused: frozenset[str] = frozenset()
        self._wake = asyncio.Event()
        sources.on_change(self._wake.set)

    def tend(self, policies: Sequence[PowerCappingPolicy], paused_namespaces: frozenset[str]) -> None:
        """Takes note of the policies as they are now, and wakes the rounds if they have changed.

        Args:
            policies: All policies.
            paused_namespaces: Namespaces that bear the pause annotation, the binaries' own among them.
        """
        if any(LEVER_SCALE in one.spec.update_policy.levers or is_held(one) for one in policies):
            self._sources.need()
        now = tuple(policies)
        self._told.set()
        if now != self._seen or paused_namespaces != self._paused:
            self._seen, self._paused = now, paused_namespaces
            self._wake.set()

    async def run(self) -> None:
        """Does a round at every change, and now and then, until cancelled."""
        await self._told.wait()  # without the policies, everything that is held would look forgotten
        await self._copies()
        while True:
            self._wake.clear()
            started = self._clock.monotonic()
            try:
                await self.round()
            except Exception:  # one broken round must not end the next ones
                log.exception("a round of ceilings failed")
            took = self._clock.monotonic() - started
            await asyncio.sleep(max(SHORTEST_ROUND_SECONDS, took))  # as much time is left for everything else
            try:
                async with asyncio.timeout(LONGEST_ROUND_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _copies(self) -> None:
        """Waits for the local copies; says which are missing where that takes long."""
        while True:
            try:
                async with asyncio.timeout(UNSYNCED_SECONDS):
                    await self._sources.wait_synced()
                    return
            except TimeoutError:
                log.warning("ceilings wait for local copies", extra={"kinds": self._sources.unsynced()})

    async def round(self) -> None:
        """Does one round over all policies; one that fails does not stop the others."""
        policies, moment = self._seen, self._moment()
        self._announcer.begin(moment.now)
        found = all_notes(self._sources, policies)
        for bearer, problem in found.unreadable.items():
            subject = f"{bearer.kind}/{bearer.namespace}/{bearer.name}"
            self._announcer.refused(None, Refusal(subject, UNREADABLE_NOTE, problem), bearer)
        stands = {policy.key: standing(policy, moment, self._gate.settings) for policy in policies}
        await _each("(gone)", self._executor.give_back_orphans(found.notes, stands))
        surveys: dict[str, Survey] = {}
        for policy in policies:
            await _each(policy.key, self._look(policy, stands[policy.key], found, surveys))
        rivals_refused(policies, surveys, found.notes)
        for policy in policies:
            if policy.key in surveys:
                await _each(policy.key, self._executor.scale(policy, surveys[policy.key], found.notes))
        self._announcer.held(sum(bool(note.fields) for note in found.notes.values()))

    async def _look(
        self,
        policy: PowerCappingPolicy,
        stands: tuple[Standing, list[GateRefusal]],
        found: Found,
        surveys: dict[str, Survey],
    ) -> None:
        """Looks at what a policy that scales wants; gives back what one holds that scales no more."""
        stand, refusals = stands
        if stand is Standing.OVER:
            readable = reference(POLICIES, policy) not in found.unreadable
            await self._executor.give_back(policy, found.notes, readable=readable)
        elif stand is Standing.WAITS:
            self._announcer.waiting(policy, refusals)
        else:
            surveys[policy.key] = await self._surveyor.survey(policy, found.notes)

    def _moment(self) -> Moment:
        """Returns what holds for all policies, by the API server's time."""
        now = self._clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)
        return Moment(now, datetime.min.replace(tzinfo=UTC), self._gate.home, self._paused)


async def _each(policy: str, step: Awaitable[None]) -> None:
    """Does what a round has to do for one policy; whatever fails does not stop the others."""
    try:
        await step
    except KubeError as error:
        log.warning("ceilings wait", extra={"policy": policy, "error": str(error)})
    except Exception:
        log.exception("ceilings of a policy failed", extra={"policy": policy})
