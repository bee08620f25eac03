"""Replica ceilings: the rung above device settings, from the cap and the watts of one replica."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from common.api.policy import (
    LEVER_SCALE,
    MODE_AUTO,
    ContainerRecommendation,
    PowerCappingPolicy,
    ReplicaAdvice,
)
from recommender.logic.facts import PolicyFacts
from recommender.logic.former import former_ceilings
from recommender.logic.planned_ceilings import planned_ceilings, share_advice
from recommender.logic.replica_shares import Scalable, needed_watts, share_out
from recommender.logic.replica_watts import replica_watts
from recommender.logic.text import watts
from recommender.model.draws import Draws
from recommender.model.pods import PodView

MOST_CEILINGS = 64
"""So many workloads the status has room for; what the others run is set aside."""
_FIXED_KINDS = frozenset({"Pod", "DaemonSet", "Job", "Node"})
"""Controllers whose pods nobody's replica count makes: their watts are set aside."""
_SLACK = 0.95
"""The watts of a replica that were advised before stay while they are at most 5 % too high."""


@dataclass(frozen=True)
class Ceilings:
    """Ceilings by workload, and the watts that the cap leaves for their replicas; None without ceilings."""

    advice: list[ReplicaAdvice] = field(default_factory=list)
    budget_watts: int | None = None


def replica_ceilings(
    facts: PolicyFacts, draws: Draws, containers: Sequence[ContainerRecommendation], now: float
) -> Ceilings:
    """Advises how many replicas of each workload the cap carries.

    A replica counts with the most that it may draw: with its devices' floors where the policy may limit them,
    else with its upper bound. Its present draw does not matter, so the ceilings are the same right after a
    cut and once the replicas are gone.

    Where the policy may act with lever Scale, every workload gets a ceiling, so that no replica can start
    that the cap does not carry. Elsewhere only those are named that have too many replicas.

    Args:
        facts: The policy's pods, cap and devices.
        draws: What pods draw, as last seen.
        containers: What a replica of each container needs.
        now: Unix seconds.
    """
    deferred = facts.deferred
    if facts.cap.watts is None or not (facts.pods or deferred.ceilings):
        return Ceilings()
    jobs = {one.workload for one in deferred.ceilings}
    by_workload: dict[str, list[PodView]] = defaultdict(list)
    for pod in facts.pods:
        if pod.workload not in jobs:
            by_workload[pod.workload].append(pod)
    each = {name: replica_watts(facts, draws, containers, pods, now) for name, pods in by_workload.items()}
    scaled = [name for name in sorted(by_workload) if _kind(name) not in _FIXED_KINDS and each[name] > 0]
    fixed = sum(each[name] * len(pods) for name, pods in by_workload.items() if name not in scaled)
    before = former_ceilings(facts.policy)
    workloads = [_scalable(name, by_workload[name], each[name], before.get(name)) for name in scaled]
    most = MOST_CEILINGS - len(jobs)
    named, rest = workloads[:most], workloads[most:]
    budget = max(0, facts.cap.watts - fixed - needed_watts(rest))
    return _with_jobs(facts, _advise(facts, named, max(0, budget - deferred.watts)), budget)


def former_advice(policy: PowerCappingPolicy) -> Ceilings:
    """Returns the ceilings that the policy's status advises now."""
    told = policy.status.recommendation
    return Ceilings(told.replicas, told.replica_budget_watts) if told else Ceilings()


def _with_jobs(facts: PolicyFacts, others: Ceilings, budget: int) -> Ceilings:
    """Adds the ceilings of Jobs that may wait; what they may draw was set aside before the others."""
    counts = Counter(pod.workload for pod in facts.pods)
    jobs = [one for one in facts.deferred.ceilings if _acts(facts) or one.replicas < counts[one.workload]]
    return Ceilings([*others.advice, *jobs], budget) if jobs else others


def too_many(facts: PolicyFacts, ceilings: Ceilings) -> list[ReplicaAdvice]:
    """Returns the ceilings under which fewer replicas may run than do."""
    counts = Counter(pod.workload for pod in facts.pods)
    return [one for one in ceilings.advice if one.replicas < counts[one.workload]]


def _advise(facts: PolicyFacts, workloads: Sequence[Scalable], budget: int) -> Ceilings:
    acts = _acts(facts)
    if not workloads or (not acts and not facts.planned and needed_watts(workloads) <= budget):
        return Ceilings()
    least = facts.policy.spec.update_policy.min_replicas
    planned = planned_ceilings(facts.planned, workloads, budget, least, spare=acts)
    chosen = planned or _shared(facts, workloads, budget)
    counts = {one.workload: one.count for one in workloads}
    advice = [one for one in chosen if acts or one.replicas < counts[one.workload]]
    return Ceilings(advice, budget) if advice else Ceilings()


def _shared(facts: PolicyFacts, workloads: Sequence[Scalable], budget: int) -> list[ReplicaAdvice]:
    least = facts.policy.spec.update_policy.min_replicas
    ceilings = share_out(budget, workloads, least, spare=_acts(facts))
    reason = _reason(workloads, budget, "within maxSlowdownPercent " if facts.floors.watts else "")
    return [share_advice(one, ceiling, reason) for one, ceiling in zip(workloads, ceilings, strict=True)]


def _acts(facts: PolicyFacts) -> bool:
    update = facts.policy.spec.update_policy
    return update.update_mode == MODE_AUTO and LEVER_SCALE in update.levers


def _reason(workloads: Sequence[Scalable], budget: int, within: str) -> str:
    return (
        f"the replicas that run cannot be held {within}under {watts(needed_watts(workloads))} together, and"
        f" the cap leaves them {watts(budget)}"
        if needed_watts(workloads) > budget
        else f"the cap leaves all replicas together {watts(budget)}"
    )


def _scalable(name: str, pods: Sequence[PodView], each: int, before: ReplicaAdvice | None) -> Scalable:
    old = before.watts_per_replica if before else 0
    kept = old if each <= old and each >= old * _SLACK else each
    priority = max(pod.priority for pod in pods)
    return Scalable(name, len(pods), kept, priority, before.replicas if before else None)


def _kind(workload: str) -> str:
    return workload.partition("/")[0]
