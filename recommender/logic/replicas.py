"""Replica ceilings: the rung above device settings, where the devices' floors do not fit under the cap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from common.api.policy import ReplicaAdvice
from recommender.logic.text import watts
from recommender.model.pods import PodView


def replica_ceilings(
    pods: Sequence[PodView], budget_watts: int, floor_watts: int, least: int
) -> list[ReplicaAdvice]:
    """Advises how many replicas of each workload fit at the devices' floors.

    Every workload keeps the same share of its replicas, rounded down, but at least ``least``.

    Args:
        pods: The policy's pods that hold GPUs.
        budget_watts: What the cap leaves for GPUs.
        floor_watts: What their GPUs need at the least.
        least: ``updatePolicy.minReplicas``.
    """
    if floor_watts <= budget_watts or floor_watts <= 0:
        return []
    share = max(0, budget_watts) / floor_watts
    reason = (
        f"the GPUs cannot be held under {watts(floor_watts)} together, and the cap leaves them"
        f" {watts(max(0, budget_watts))}"
    )
    counts = Counter(pod.workload for pod in pods)
    return [
        ReplicaAdvice(workload=workload, replicas=max(least, int(count * share)), reason=reason)
        for workload, count in sorted(counts.items())
        if max(least, int(count * share)) < count
    ]
