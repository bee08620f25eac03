"""Keeps the counts of workloads under the ceilings that policies' advice names, and gives them back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from actuator.gate.policy import Moment
from actuator.gate.settings import GateSettings
from actuator.ladder.action import Action, Outcome
from actuator.levers.ceilings import CeilingLever
from actuator.scaling.actions import bounding, restoration
from actuator.scaling.announce import Announcer
from actuator.scaling.climb import Climber
from actuator.scaling.landing import Landing
from actuator.scaling.notes import Notes, all_notes, holdings
from actuator.scaling.owner_store import OwnerStore
from actuator.scaling.policy_store import PolicyStore
from actuator.scaling.rivals import rivals_refused
from actuator.scaling.sources import ScalingSources
from actuator.scaling.survey import Survey, Surveyor
from actuator.scaling.transition import Service, next_steps
from actuator.scaling.wishes import Standing, cap_watts, standing
from common.api.names import FINALIZER_RELEASE
from common.api.policy import LEVER_SCALE, PowerCappingPolicy
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)

SHORTEST_ROUND_SECONDS = 0.5
"""Changes that come this close together are looked at in one round."""
LONGEST_ROUND_SECONDS = 5.0
"""A round is done at least this often: discovery, and owners that are not followed."""
REFUSED_SECONDS = 20.0
"""What was refused is asked for again after this long; another ceiling at once."""
UNSYNCED_SECONDS = 30.0
"""Local copies are complete within seconds; later than this a right is missing, or the server is down."""
SETTLED_SECONDS = 5.0
"""A policy is let go only so long after the last ceiling for it: by then the local copies show any note."""


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
        clock = client.clock
        self._client = client
        self._gate = gate
        self._sources = sources
        self._announcer = announcer
        self._clock = clock
        self._may_write = may_write
        self._lever = CeilingLever(client, sources.kinds, clock, may_write)
        self._policies = PolicyStore(client)
        self._surveyor = Surveyor(sources, Climber(client, sources, clock), OwnerStore(client, sources.kinds))
        self._landing = Landing()
        self._refused: dict[tuple[str, int | None], float] = {}
        self._acted: dict[str, float] = {}
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
        if any(LEVER_SCALE in one.spec.update_policy.levers or _is_held(one) for one in policies):
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
        notes = all_notes(self._sources, policies)
        found = {policy.key: standing(policy, moment, self._gate.settings) for policy in policies}
        standings = {key: one for key, (one, _) in found.items()}
        try:
            await self._give_back_orphans(notes, standings)
        except KubeError as error:
            log.warning("what is held for policies that are gone waits", extra={"error": str(error)})
        surveys: dict[str, Survey] = {}
        for policy in policies:
            try:
                if standings[policy.key] is Standing.OVER:
                    await self._give_back(policy, notes)
                elif standings[policy.key] is Standing.WAITS:
                    self._announcer.waiting(policy, found[policy.key][1])
                else:
                    surveys[policy.key] = await self._surveyor.survey(policy, notes)
            except KubeError as error:
                log.warning("ceilings wait", extra={"policy": policy.key, "error": str(error)})
        rivals_refused(policies, surveys, notes)
        for policy in policies:
            if policy.key in surveys:
                await self._scale(policy, surveys[policy.key], notes)
        self._announcer.held(sum(bool(note.fields) for note in notes.values()))

    async def _scale(self, policy: PowerCappingPolicy, survey: Survey, notes: Notes) -> None:
        now = self._clock.monotonic()
        self._announcer.going_on(policy)
        for refusal in survey.refusals:
            self._announcer.refused(policy, refusal)
        for owner in survey.gone:
            if owner in notes:
                await self._act(policy, restoration(_name(policy), owner, "the owner is gone"))
        for service in survey.changed:
            over = service.wanted >= service.bound  # what somebody else has set is low enough
            await self._take(policy, service, None if over else service.wanted, survey.reasons[service.owner])
        services = self._landing.book(survey.services, now)
        taken = sum(one.booked_watts() for one in survey.changed)  # others' values count, too
        cap = cap_watts(policy)
        for step in next_steps(None if cap is None else cap - taken, services):
            await self._take(policy, step.service, step.ceiling, survey.reasons[step.service.owner])

    def _moment(self) -> Moment:
        """Returns what holds for all policies, by the API server's time."""
        now = self._clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)
        return Moment(now, datetime.min.replace(tzinfo=UTC), self._gate.home, self._paused)

    async def _give_back(self, policy: PowerCappingPolicy, notes: Notes) -> None:
        held = holdings(policy.key, notes)
        for owner in held:
            await self._act(policy, restoration(_name(policy), owner, "the policy scales no more"))
        settled = self._clock.monotonic() - self._acted.get(policy.key, float("-inf")) >= SETTLED_SECONDS
        if not held and settled and _is_held(policy) and self._may_write():
            await self._policies.dismiss(policy)
            self._acted.pop(policy.key, None)

    async def _give_back_orphans(self, notes: Notes, standings: dict[str, Standing]) -> None:
        """Gives back what is held for policies that are gone, finalizer or not."""
        gone = {policy for note in notes.values() for policy in note.policies()} - standings.keys()
        for key in sorted(gone):
            namespace, _, name = key.partition("/")
            if await self._policies.exists((namespace, name)):
                continue  # the local copy of the policies is behind
            for owner in holdings(key, notes):
                await self._act(None, restoration((namespace, name), owner, "the policy is gone"))

    async def _take(
        self, policy: PowerCappingPolicy, service: Service, ceiling: int | None, reason: str
    ) -> None:
        action = bounding(_name(policy), service, ceiling, reason)
        now = self._clock.monotonic()
        if now - self._refused.get((action.key, ceiling), float("-inf")) < REFUSED_SECONDS:
            return
        self._landing.sent(service.owner, service.bound if ceiling is None else ceiling, now)
        self._acted[policy.key] = now
        outcome = await self._act(policy, action)
        self._refused = {k: at for k, at in self._refused.items() if now - at < REFUSED_SECONDS}
        if outcome is not None and not outcome.taken:
            self._landing.refused(service.owner)
            if not outcome.retry_after_seconds:
                self._refused[action.key, ceiling] = now

    async def _act(self, policy: PowerCappingPolicy | None, action: Action) -> Outcome | None:
        try:
            outcome = await self._lever.take(action)
        except KubeError as error:
            log.warning("a ceiling waits", extra={"action": action.key, "error": str(error)})
            return None
        item = self._sources.find(action.target)
        uid = item.metadata.uid if item is not None else ""
        seen = replace(action.target, uid=uid)
        self._announcer.taken(policy, outcome, seen)
        return outcome


def _name(policy: PowerCappingPolicy) -> tuple[str, str]:
    return (policy.namespace, policy.name)


def _is_held(policy: PowerCappingPolicy) -> bool:
    return FINALIZER_RELEASE in policy.metadata.finalizers
