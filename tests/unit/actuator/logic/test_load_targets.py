"""A load target is announced, ramped to, held, and let go, under its correlation id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from actuator.logic.loadtarget import load_target_condition
from common.api.domain import DomainSpec, LoadTarget

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
TARGET = LoadTarget(
    watts=700,
    start_time="2026-01-01T12:00:00Z",
    end_time="2026-01-01T13:00:00Z",
    ramp_seconds=300,
    correlation_id="grid-7",
)

CASES = {
    "long before": (-600, 1000, 900, "False", "Announced"),
    "in the ramp": (-100, 850, 900, "False", "Ramping"),
    "at the start, nodes yet to confirm": (0, 700, 900, "False", "Ramping"),
    "a node does not obey": (60, 700, 900, "False", "NotReached"),
    "reached": (1, 700, 690, "True", "Held"),
    "at the end": (3600, 1000, 690, "False", "Released"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_phases_of_an_event(name: str) -> None:
    seconds, cap, booked, status, reason = CASES[name]
    spec = DomainSpec(cap_watts=1000, load_target=TARGET)
    found = load_target_condition(spec, cap, booked, START + timedelta(seconds=seconds))
    assert found is not None
    assert (found.status, found.reason) == (status, reason)
    assert "grid-7" in found.message


def test_without_a_target_nothing_is_said() -> None:
    assert load_target_condition(DomainSpec(cap_watts=1000), 1000, 900, START) is None
