"""What policies want of counts: the advice of those that may scale, as far as it may be followed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from actuator.gate.policy import Moment, policy_refusals
from actuator.gate.refusal import Refusal
from actuator.gate.settings import GateSettings
from common.api.policy import LEVER_SCALE, PowerCappingPolicy


class Standing(Enum):
    """What may be done for a policy."""

    SCALES = "scales"
    """Its advice is followed."""
    WAITS = "waits"
    """Everything stays as it is: a pause, or advice that is too old to act on."""
    OVER = "over"
    """What it holds is given back."""


@dataclass(frozen=True)
class Wish:
    """At most so many replicas of a workload (``Kind/name``), at so many watts each."""

    workload: str
    replicas: int
    watts: int
    reason: str


def standing(
    policy: PowerCappingPolicy, moment: Moment, settings: GateSettings
) -> tuple[Standing, list[Refusal]]:
    """Returns what may be done for a policy, and why no more; a pause does not keep one from being deleted.

    Ceilings are undone as easily as set, so advice from before this leader's term will do, and there is no
    warm-up: pass a moment whose leader has led for ever.
    """
    refusals = policy_refusals(policy, LEVER_SCALE, moment, settings)
    if any(one.chosen for one in refusals):
        return Standing.OVER, []
    return (Standing.WAITS if refusals else Standing.SCALES), refusals


def wishes(policy: PowerCappingPolicy) -> list[Wish]:
    """Returns the ceilings that a policy's advice names, none under its ``minReplicas``."""
    advice = policy.status.recommendation.replicas if policy.status.recommendation else []
    least = policy.spec.update_policy.min_replicas
    return [Wish(one.workload, max(one.replicas, least), one.watts_per_replica, one.reason) for one in advice]


def cap_watts(policy: PowerCappingPolicy) -> int | None:
    """Returns what the workloads that may be scaled can draw together; None where there is no cap."""
    recommendation = policy.status.recommendation
    if recommendation is not None and recommendation.replica_budget_watts is not None:
        return recommendation.replica_budget_watts
    return policy.status.effective_cap_watts
