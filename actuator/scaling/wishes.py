"""What policies want of counts: the advice of those that may scale, as far as it may be followed. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from actuator.gate.mode import is_paused, policy_refusal
from common.api.policy import LEVER_SCALE, PowerCappingPolicy


class Standing(Enum):
    """What may be done for a policy."""

    SCALES = "scales"
    """Its advice is followed."""
    PAUSED = "paused"
    """Everything stays as it is."""
    OVER = "over"
    """What it holds is given back."""


@dataclass(frozen=True)
class Wish:
    """At most so many replicas of a workload (``Kind/name``), at so many watts each."""

    workload: str
    replicas: int
    watts: int
    reason: str


def standing(policy: PowerCappingPolicy, paused_namespaces: Collection[str]) -> Standing:
    """Returns what may be done for a policy; a pause does not keep one from being deleted."""
    if policy.metadata.deletion_timestamp:
        return Standing.OVER
    if is_paused(policy) or policy.namespace in paused_namespaces:
        return Standing.PAUSED
    return Standing.SCALES if policy_refusal(policy, LEVER_SCALE) is None else Standing.OVER


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
