"""Pods with the policy that governs each, and the watts that its advice gives their workloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from actuator.ladder.relief import PodDraw
from common.api.core import Pod
from common.api.policy import LEVER_POWER_LIMIT, PowerCappingPolicy
from common.api.workload import workload_of


@dataclass(frozen=True)
class Governed:
    """A pod, the policy that governs it, and its watts."""

    pod: Pod
    policy: PowerCappingPolicy
    draw: PodDraw


def govern(pod: Pod, policy: PowerCappingPolicy, tables: Mapping[str, Mapping[str, PodDraw]]) -> Governed:
    """Joins a pod with its policy and the watts that the policy's advice gives its workload."""
    return Governed(pod, policy, tables[policy.key].get(workload_of(pod), PodDraw(0, 0)))


def draws_by_workload(policy: PowerCappingPolicy) -> dict[str, PodDraw]:
    """Returns the watts of one replica of each workload, as last measured."""
    recommendation = policy.status.recommendation
    limited = LEVER_POWER_LIMIT in policy.spec.update_policy.levers
    watts: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for row in recommendation.containers if recommendation else ():
        watts[row.workload] += row.current
        wanted[row.workload] += row.target if limited else row.uncapped_target
    return {workload: PodDraw(watts[workload], wanted[workload]) for workload in watts}
