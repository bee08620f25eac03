"""Takes the steps that a round has decided on, one policy at a time, and remembers what it has just done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from actuator.ladder.action import Action, Outcome
from actuator.levers.ceilings import CeilingLever
from actuator.scaling.actions import bounding, restoration
from actuator.scaling.announce import Announcer
from actuator.scaling.landing import Landing
from actuator.scaling.notes import Notes, holdings
from actuator.scaling.policy_store import PolicyStore
from actuator.scaling.sources import ScalingSources
from actuator.scaling.survey import Survey
from actuator.scaling.transition import Service, next_steps
from actuator.scaling.wishes import cap_watts
from common.api.names import FINALIZER_RELEASE
from common.api.policy import PowerCappingPolicy
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)

REFUSED_SECONDS = 20.0
"""What was refused is asked for again after this long; another ceiling at once."""
SETTLED_SECONDS = 5.0
"""A policy is let go only so long after the last ceiling for it: by then the local copies show any note."""


class Executor:
    """One leader's hand on counts.

    Args:
        client: Where to write.
        sources: Local copies.
        announcer: Tells people.
        may_write: Whether this process still leads and may change anything.
    """

    def __init__(
        self, client: Client, sources: ScalingSources, announcer: Announcer, may_write: Callable[[], bool]
    ) -> None:
        self._clock = client.clock
        self._sources = sources
        self._announcer = announcer
        self._may_write = may_write
        self._lever = CeilingLever(client, sources.kinds, client.clock, may_write)
        self._policies = PolicyStore(client)
        self._landing = Landing()
        self._refused: dict[tuple[str, int | None], float] = {}
        self._acted: dict[str, float] = {}

    async def scale(self, policy: PowerCappingPolicy, survey: Survey, notes: Notes) -> None:
        """Takes the next steps towards what a policy's advice wants."""
        now = self._clock.monotonic()
        self._announcer.going_on(policy)
        for refusal in survey.refusals:
            self._announcer.refused(policy, refusal)
        for owner in survey.gone:
            if replace(owner, field_path="") in notes:
                await self._act(policy, restoration(_name(policy), owner, "the owner is gone"))
        for service in survey.changed:
            over = service.wanted >= service.bound  # what somebody else has set is low enough
            await self._take(policy, service, None if over else service.wanted, survey.reasons[service.owner])
        services = self._landing.book(survey.services, now)
        taken = sum(one.booked_watts() for one in survey.changed)  # others' values count, too
        cap = cap_watts(policy)
        for step in next_steps(None if cap is None else cap - taken, services):
            await self._take(policy, step.service, step.ceiling, survey.reasons[step.service.owner])

    async def give_back(self, policy: PowerCappingPolicy, notes: Notes, *, readable: bool) -> None:
        """Gives back what a policy holds, and lets go of it once nothing is left.

        Args:
            policy: The policy.
            notes: What is held.
            readable: Whether the policy's own notes can be read; else nobody knows what it holds.
        """
        held = holdings(policy.key, notes)
        for owner in held:
            await self._act(policy, restoration(_name(policy), owner, "the policy scales no more"))
        settled = self._clock.monotonic() - self._acted.get(policy.key, float("-inf")) >= SETTLED_SECONDS
        if readable and not held and settled and is_held(policy) and self._may_write():
            await self._policies.dismiss(policy)
            self._acted.pop(policy.key, None)

    async def give_back_orphans(self, notes: Notes, standings: Mapping[str, object]) -> None:
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


def is_held(policy: PowerCappingPolicy) -> bool:
    """Whether a policy cannot go before its ceilings were given back."""
    return FINALIZER_RELEASE in policy.metadata.finalizers


def _name(policy: PowerCappingPolicy) -> tuple[str, str]:
    return (policy.namespace, policy.name)
