"""What a recommender says of a policy: draw, cap, and the watts of each workload."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from common.api.meta import Condition, rfc3339
from common.api.policy import (
    ContainerRecommendation,
    CurrentPower,
    PolicyStatus,
    Recommendation,
    ReplicaAdvice,
)

FRESH = Condition(type="TelemetryStale", status="False", reason="Fresh")


def row(
    workload: str, watts: int, wanted: int | None = None, container: str = "c"
) -> ContainerRecommendation:
    """One container of a replica that draws so many watts, and would draw others if it could."""
    uncapped = watts if wanted is None else wanted
    return ContainerRecommendation(
        workload=workload, container=container, current=watts, target=watts, uncapped_target=uncapped
    )


def said(
    now: datetime,
    watts: tuple[int, int],
    rows: Sequence[ContainerRecommendation],
    *,
    pods: int = 2,
    replicas: Sequence[ReplicaAdvice] = (),
    conditions: Sequence[Condition] = (FRESH,),
) -> PolicyStatus:
    """A fresh status; ``watts`` are draw and cap, and as many pods were measured as there are."""
    draw, cap = watts
    return PolicyStatus(
        last_updated=rfc3339(now),
        effective_cap_watts=cap,
        current_power=CurrentPower(watts=draw, pods=pods, measured_pods=pods),
        recommendation=Recommendation(containers=list(rows), replicas=list(replicas)),
        conditions=list(conditions),
    )
