"""An agent as the search sees it: the real obedience and confirmation over one device."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from actuator.ledger.views import FrequenciesView
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, PowerDomain
from common.api.frequencies import BudgetStatus, FrequenciesSpec, NodeFrequencies
from common.api.meta import ObjectMeta
from nodeagent.obedience.confirm import Identity, Powers, confirmation
from nodeagent.obedience.heartbeat import Moment
from nodeagent.obedience.machine import Obedience

MOMENT = Moment(0.0, datetime(2026, 1, 1, tzinfo=UTC))
BOOT = "boot"
MINIMUM = 100


@dataclass(frozen=True)
class AgentState:
    """Its obedience, which nobody changes any more, what its device is limited to, and for which claim."""

    name: str
    obedience: Obedience
    hardware_watts: int
    applied: tuple[str, int] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two agents apart."""
        inside = self.obedience
        return (self.name, inside.memory, inside._gone, inside._read, self.hardware_watts, self.applied)


def domains(base: int, cap: int) -> dict[str, PowerDomain]:
    """Returns the domain as the agents know it: no cut, a heartbeat just now."""
    word = Enforcement(
        heartbeat_time="2026-01-01T00:00:00Z",
        effective_cap_watts=cap,
        granted_cap_watts=cap,
        base_watts=base,
    )
    spec = DomainSpec(cap_watts=cap, update_policy=DomainUpdatePolicy(update_mode="Auto"))
    row = PowerDomain(metadata=ObjectMeta(name="row"), spec=spec, status=DomainStatus(enforcement=word))
    return {"row": row}


def started(name: str, seen: FrequenciesView, hardware_watts: int) -> AgentState:
    """Returns an agent without memory after its first read."""
    obedience = Obedience(None, ramp_seconds=0.0)
    obedience.see(as_object(name, seen), consistent=True)
    return AgentState(name, obedience, hardware_watts)


def watch(state: AgentState, seen: FrequenciesView, present: FrequenciesView) -> AgentState:
    """Takes in the next event of its watch; reads from the server what that leaves in doubt."""
    obedience = copy.deepcopy(state.obedience)
    if obedience.see(as_object(state.name, seen), consistent=False):
        obedience.see(as_object(state.name, present), consistent=True)
    return replace(state, obedience=obedience)


def apply(state: AgentState, known: dict[str, PowerDomain]) -> AgentState:
    """Writes the device, and reads it back."""
    verdict = copy.deepcopy(state.obedience).decide(known, MOMENT, BOOT)
    if verdict.budget_watts is None or verdict.claim is None:
        return state
    claim = (verdict.claim.uid, verdict.claim.sequence)
    return replace(state, hardware_watts=verdict.budget_watts, applied=claim)


def confirmed(
    state: AgentState, present: FrequenciesView, known: dict[str, PowerDomain], *, confirm_last: bool
) -> BudgetStatus:
    """Returns what it confirms now; without ``confirm_last``, what its device is yet to obey."""
    verdict = copy.deepcopy(state.obedience).decide(known, MOMENT, BOOT)
    watts = state.hardware_watts
    claim = (verdict.claim.uid, verdict.claim.sequence) if verdict.claim else None
    if not confirm_last and verdict.budget_watts is not None:
        watts = verdict.budget_watts
    identity = Identity(present.uid, f"uid-{state.name}", BOOT)
    powers = Powers(watts, 1000, MINIMUM)
    may = not confirm_last or state.applied == claim
    return confirmation(present.status, identity, verdict, powers, may_claim=may)


def crashed(state: AgentState, present: FrequenciesView, *, memory: bool) -> AgentState:
    """Dies and starts again; the device stays as it is, and so does what is on disk."""
    obedience = Obedience(state.obedience.memory if memory else None, ramp_seconds=0.0)
    obedience.see(as_object(state.name, present), consistent=True)
    return AgentState(state.name, obedience, state.hardware_watts)


def within_reach(state: AgentState) -> int:
    """Returns what it may come to draw for what it knows now."""
    memory = state.obedience.memory
    if memory is None:
        return state.hardware_watts
    return max(state.hardware_watts, memory.budget.grant_watts if memory.trusted else memory.base_watts)


def as_object(name: str, seen: FrequenciesView) -> NodeFrequencies:
    """Returns the object that a view was taken of."""
    spec = FrequenciesSpec(node_name=name, power_budget=seen.budget)
    return NodeFrequencies(metadata=ObjectMeta(name=name, uid=seen.uid), spec=spec)
