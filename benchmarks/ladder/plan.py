"""How many evictions a round of the ladder plans per second, in process: from the picture to the note."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

from actuator.audit.entries import intend
from actuator.gate.policy import Moment
from actuator.gate.settings import GateSettings
from actuator.input.levels import levels
from actuator.input.picture import Picture
from actuator.input.round import Round
from actuator.input.subjects import Subjects
from actuator.ladder.action import Rung
from actuator.ladder.decide import decide
from actuator.ladder.settings import LadderSettings
from actuator.ladder.standing import Stand
from common.api.core import Container, Pod, PodCondition, PodSpec, PodStatus, ResourceRequirements
from common.api.decisions import Record
from common.api.disruption import PodDisruptionBudget
from common.api.meta import Condition, ObjectMeta, OwnerReference, rfc3339
from common.api.policy import (
    LEVER_EVICT,
    MODE_AUTO,
    ContainerRecommendation,
    CurrentPower,
    PolicySpec,
    PolicyStatus,
    PowerCappingPolicy,
    Recommendation,
    UpdatePolicy,
)
from common.domains.tree import build_tree

POLICIES, PODS_EACH, EVICTED_EACH, WATTS = 10, 400, 100, 300
_NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
_ROUNDS = 5


class _Pods:
    """Local copies in memory."""

    def __init__(self) -> None:
        self._pods = {f"ns-{number}": _crowd(number) for number in range(POLICIES)}

    def pods_in(self, namespace: str) -> list[Pod]:
        return self._pods[namespace]

    def pods_on(self, _node: str) -> list[Pod]:
        return []

    def budgets_in(self, _namespace: str) -> list[PodDisruptionBudget]:
        return []


def planned_per_second() -> tuple[float, int]:
    """Returns evictions planned per second (median of several rounds), and how many a round planned."""
    pods = _Pods()
    rounds = [_round(pods) for _ in range(_ROUNDS)]
    return statistics.median(planned / seconds for planned, seconds in rounds), rounds[0][0]


def _round(pods: _Pods) -> tuple[int, float]:
    policies = tuple(_policy(number) for number in range(POLICIES))
    started = time.perf_counter()
    picture = Picture({}, {}, {}, (), policies, build_tree([], {}))
    long_ago = _NOW - timedelta(hours=1)
    gate = GateSettings(cluster_disruptions=10_000, domain_disruptions=10_000, workload_disruptions=10_000)
    record = Record()
    round_ = Round(picture, pods, record, Moment(_NOW, long_ago, "home"), gate, LadderSettings())
    found = list(levels(picture))
    stands = {one.subject: Stand(Rung.EVICT, long_ago, breached_since=long_ago) for one in found}
    subjects = Subjects(round_, [])
    decided = decide(subjects.build(found), stands, _NOW, subjects.counts(frozenset()), round_.ladder)
    intend(record, decided.actions, _NOW, gate.window)
    return len(decided.actions), time.perf_counter() - started


def _crowd(number: int) -> list[Pod]:
    watts = ResourceRequirements(requests={"climatik.io/watts": str(WATTS)})
    return [
        Pod(
            metadata=ObjectMeta(
                name=f"p{index}", namespace=f"ns-{number}", uid=f"{number}-{index}",
                labels={"pod-template-hash": "abc", "app": "web"},
                owner_references=[OwnerReference(kind="ReplicaSet", name="web-abc", controller=True)],
            ),
            spec=PodSpec(
                node_name=f"n{index % 50}", containers=[Container(name="c", resources=watts)]
            ),
            status=PodStatus(
                phase="Running", start_time="2025-06-01T00:00:00Z",
                conditions=[PodCondition(type="Ready", status="True")],
            ),
        )
        for index in range(PODS_EACH)
    ]  # fmt: skip


def _policy(number: int) -> PowerCappingPolicy:
    row = ContainerRecommendation(
        workload="Deployment/web", container="c", current=WATTS, target=WATTS, uncapped_target=WATTS
    )
    fresh = Condition(type="TelemetryStale", status="False", reason="Fresh")
    draw = PODS_EACH * WATTS
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="cap", namespace=f"ns-{number}", uid=f"u{number}"),
        spec=PolicySpec(update_policy=UpdatePolicy(update_mode=MODE_AUTO, levers=[LEVER_EVICT])),
        status=PolicyStatus(
            last_updated=rfc3339(_NOW),
            effective_cap_watts=draw - EVICTED_EACH * WATTS,
            current_power=CurrentPower(watts=draw, pods=PODS_EACH, measured_pods=PODS_EACH),
            recommendation=Recommendation(containers=[row]),
            conditions=[fresh],
        ),
    )
