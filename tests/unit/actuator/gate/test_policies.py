"""Every reason why a policy's lever may not be used, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actuator.gate.policy import Moment, policy_refusals
from actuator.gate.settings import GateSettings
from common.api.meta import Condition, ObjectMeta, rfc3339
from common.api.policy import (
    DisruptionWindow,
    PolicySpec,
    PolicyStatus,
    PowerCappingPolicy,
    UpdatePolicy,
)
from tests.unit.actuator.advice import FRESH

NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
LED = NOW - timedelta(minutes=10)
SILENT = Condition(type="TelemetryStale", status="True", reason="SourceSilent")
MORNING = DisruptionWindow(start="0 9 * * *", duration_seconds=7200)


def policy(**changes: Any) -> PowerCappingPolicy:
    update = {"update_mode": "Auto", "levers": ["Evict"], "disruption_windows": changes.pop("windows", [])}
    update |= changes.pop("update", {})
    status = {"last_updated": rfc3339(NOW), "observed_generation": 3, "conditions": [FRESH]}
    status |= changes.pop("status", {})
    meta = {"name": "cap", "namespace": "llm", "generation": 3} | changes
    return PowerCappingPolicy(
        metadata=ObjectMeta(**meta),
        spec=PolicySpec(update_policy=UpdatePolicy(**update)),
        status=PolicyStatus(**status),
    )


def moment(paused: set[str] | None = None, led: datetime = LED) -> Moment:
    return Moment(NOW, led, "climatik-project", frozenset(paused or ()))


CASES: dict[str, tuple[PowerCappingPolicy, Moment, list[str]]] = {
    "nothing is in the way": (policy(), moment(), []),
    "Off": (policy(update={"update_mode": "Off"}), moment(), ["ModeOff"]),
    "Initial": (policy(update={"update_mode": "Initial"}), moment(), ["ModeInitial"]),
    "another lever": (policy(update={"levers": ["Scale"]}), moment(), ["LeverNotNamed"]),
    "being deleted": (policy(deletion_timestamp="2026-01-01T00:00:00Z"), moment(), ["BeingDeleted"]),
    "paused": (policy(annotations={"climatik.io/pause": "true"}), moment(), ["PolicyPaused"]),
    "namespace paused": (policy(), moment({"llm"}), ["NamespacePaused"]),
    "another namespace paused": (policy(), moment({"other"}), []),
    "cluster paused": (policy(), moment({"llm", "climatik-project"}), ["ClusterPaused"]),
    "no advice yet": (policy(status={"last_updated": ""}), moment(), ["AdviceMissing"]),
    "old advice": (
        policy(status={"last_updated": rfc3339(NOW - timedelta(seconds=151))}), moment(), ["AdviceStale"],
    ),
    "advice from before the term": (
        policy(status={"last_updated": rfc3339(NOW - timedelta(seconds=60))}),
        moment(led=NOW - timedelta(seconds=40)),
        ["AdviceBeforeTerm"],
    ),
    "a new leader": (policy(), moment(led=NOW - timedelta(seconds=29)), ["WarmingUp"]),
    "advice on an earlier spec": (policy(status={"observed_generation": 2}), moment(), ["AdviceOutdated"]),
    "stale telemetry": (
        policy(status={"conditions": [SILENT]}), moment(), ["TelemetryStale"],
    ),
    "telemetry of which nobody speaks": (policy(status={"conditions": []}), moment(), ["TelemetryStale"]),
    "inside a window": (
        policy(windows=[DisruptionWindow(start="0 11 * * *", duration_seconds=7200)]), moment(), [],
    ),
    "outside": (
        policy(windows=[MORNING]), moment(), ["OutsideWindow"],
    ),
    "inside one of two": (
        policy(
            windows=[
                DisruptionWindow(start="bad", duration_seconds=60),
                DisruptionWindow(start="0 13 * * wed", duration_seconds=60, time_zone="Europe/Berlin"),
            ]
        ),
        moment(),
        [],
    ),
    "a window that cannot be read is closed": (
        policy(windows=[DisruptionWindow(start="bad", duration_seconds=60)]), moment(), ["WindowUnreadable"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_refusals(name: str) -> None:
    item, at, reasons = CASES[name]
    refusals = policy_refusals(item, "Evict", at, GateSettings())
    assert [one.reason for one in refusals] == reasons
    assert all(one.message for one in refusals)


def test_windows_are_for_pods_that_stop_alone() -> None:
    item = policy(
        update={"levers": ["Scale"]}, windows=[DisruptionWindow(start="0 9 * * *", duration_seconds=60)]
    )
    assert policy_refusals(item, "Scale", moment(), GateSettings()) == []
