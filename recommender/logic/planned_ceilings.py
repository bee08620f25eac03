"""Ceilings as the Planner chose them, and shares of what is left for workloads that it knows nothing of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.api.policy import ReplicaAdvice
from recommender.logic.planned import Planned
from recommender.logic.replica_shares import Scalable, share_out
from recommender.logic.text import watts


def planned_ceilings(
    planned: Mapping[str, Planned], workloads: Sequence[Scalable], budget_watts: int, least: int, *,
    spare: bool,
) -> list[ReplicaAdvice]:  # fmt: skip
    """Returns a ceiling for every workload; their sum fits into the budget.

    Empty where there is no plan, or one that was made for another budget: the caps are then shared out until
    the next plan.

    Args:
        planned: The plan, by workload.
        workloads: All that are to have a ceiling.
        budget_watts: What there is for all replicas.
        least: Replicas that workloads without a plan keep.
        spare: Whether workloads without a plan share out all that is left, or only keep what runs.
    """
    others = [one for one in workloads if one.workload not in planned]
    left = budget_watts - sum(
        planned[one.workload].replicas * planned[one.workload].watts
        for one in workloads
        if one.workload in planned
    )
    if len(others) == len(workloads) or left < sum(max(one.count, least) * one.watts for one in others):
        return []
    shares = share_out(left, others, least, spare=spare) if others else []
    rest = {one.workload: share for one, share in zip(others, shares, strict=True)}
    reason = f"what the plan of the measured workloads leaves is {watts(left)}"
    return [
        _advice(one.workload, planned[one.workload])
        if one.workload in planned
        else share_advice(one, rest[one.workload], reason)
        for one in workloads
    ]


def share_advice(workload: Scalable, ceiling: int, reason: str) -> ReplicaAdvice:
    """Returns a ceiling with its reason and what a replica counts with."""
    return ReplicaAdvice(
        workload=workload.workload,
        replicas=ceiling,
        watts_per_replica=workload.watts,
        reason=f"{reason}; a replica of this one counts with {watts(workload.watts)}",
    )


def _advice(workload: str, row: Planned) -> ReplicaAdvice:
    text = f"planned: {row.reason}; a replica counts with {watts(row.watts)}"
    return ReplicaAdvice(workload, row.replicas, row.watts, text)
