"""Which cap holds at what time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from common.api.domain import CapSchedule, DomainSpec, LoadTarget, Observed
from common.domains.caps import effective_cap_watts, minimum_cap_watts, spec_cap_watts

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


def window(start: str, hours: float, watts: int, zone: str = "UTC") -> CapSchedule:
    return CapSchedule(start=start, duration_seconds=int(hours * 3600), cap_watts=watts, time_zone=zone)


def target(**more: object) -> LoadTarget:
    return LoadTarget(start_time="2026-03-04T12:00:00Z", end_time="2026-03-04T13:00:00Z", **more)


CASES = {
    "own cap": (DomainSpec(cap_watts=1000), 1000),
    "no cap": (DomainSpec(), None),
    "brake takes a percentage away": (DomainSpec(cap_watts=1000, brake_percent=40), 600),
    "brake stops at the minimum": (DomainSpec(cap_watts=1000, brake_percent=90, minimum_cap_watts=300), 300),
    "brake rounds down": (DomainSpec(cap_watts=999, brake_percent=50), 499),
    "open window": (DomainSpec(cap_watts=1000, cap_schedules=[window("0 11 * * *", 2, 700)]), 700),
    "closed window": (DomainSpec(cap_watts=1000, cap_schedules=[window("0 9 * * *", 2, 700)]), 1000),
    "window ends on the second": (
        DomainSpec(cap_watts=1000, cap_schedules=[window("0 11 * * *", 1, 7)]),
        1000,
    ),
    "window of another day": (DomainSpec(cap_watts=1000, cap_schedules=[window("0 11 * * 1", 2, 700)]), 1000),
    "window since yesterday": (
        DomainSpec(cap_watts=1000, cap_schedules=[window("0 20 * * 2", 20, 700)]),
        700,
    ),
    "window in its zone": (
        DomainSpec(cap_watts=1000, cap_schedules=[window("0 13 * * *", 1, 700, "Europe/Berlin")]),
        700,
    ),
    "window alone": (DomainSpec(cap_schedules=[window("0 11 * * *", 2, 700)]), 700),
    "unreadable window holds": (DomainSpec(cap_watts=1000, cap_schedules=[window("x", 2, 700)]), 700),
    "load target in watts": (DomainSpec(cap_watts=1000, load_target=target(watts=800)), 800),
    "load target in watts alone": (DomainSpec(load_target=target(watts=800)), 800),
    "load target in percent of nothing": (DomainSpec(load_target=target(percent=70)), None),
    "load target beside a closed window": (
        DomainSpec(cap_schedules=[window("0 9 * * *", 2, 700)], load_target=target(watts=800)),
        800,
    ),
    "load target in percent": (DomainSpec(cap_watts=1000, load_target=target(percent=70)), 700),
    "load target over the cap": (DomainSpec(cap_watts=1000, load_target=target(watts=1200)), 1000),
    "load target under the minimum": (
        DomainSpec(cap_watts=1000, minimum_cap_watts=500, load_target=target(watts=100)),
        500,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_lowest_cap_holds(name: str) -> None:
    spec, cap = CASES[name]
    assert effective_cap_watts(spec, NOON) == cap


@pytest.mark.parametrize(
    ("minutes", "cap"), [(-11, 1000), (-10, 1000), (-5, 900), (0, 800), (59, 800), (60, 1000), (90, 1000)]
)
def test_a_load_target_is_reached_in_a_ramp_and_let_go_at_its_end(minutes: int, cap: int) -> None:
    spec = DomainSpec(cap_watts=1000, load_target=target(watts=800, ramp_seconds=600))
    assert effective_cap_watts(spec, NOON + timedelta(minutes=minutes)) == cap


@pytest.mark.parametrize(("minutes", "cap"), [(-11, None), (-9, 800), (59, 800), (60, None)])
def test_without_a_cap_to_come_down_from_a_load_target_holds_from_the_start_of_its_ramp(
    minutes: int, cap: int | None
) -> None:
    spec = DomainSpec(load_target=target(watts=800, ramp_seconds=600))
    assert effective_cap_watts(spec, NOON + timedelta(minutes=minutes)) == cap


def test_an_agent_obeys_cap_and_brake_without_schedules() -> None:
    spec = DomainSpec(cap_watts=1000, brake_percent=25, cap_schedules=[window("x", 2, 1)])
    assert spec_cap_watts(spec) == 750


def test_without_a_minimum_the_lowest_cap_set_is_the_lowest_that_may_come() -> None:
    assert minimum_cap_watts(DomainSpec(cap_watts=1000, cap_schedules=[window("0 0 * * *", 1, 600)])) == 600
    assert minimum_cap_watts(DomainSpec(cap_watts=1000, minimum_cap_watts=200)) == 200


HOT = {
    "no temperature": (DomainSpec(cap_watts=1000, max_inlet_temperature=30), Observed(), 1000),
    "nothing observed": (DomainSpec(cap_watts=1000, max_inlet_temperature=30), None, 1000),
    "no limit": (DomainSpec(cap_watts=1000), Observed(hottest_inlet=45), 1000),
    "at the limit": (DomainSpec(cap_watts=1000, max_inlet_temperature=30), Observed(hottest_inlet=30), 1000),
    "two degrees over": (
        DomainSpec(cap_watts=1000, max_inlet_temperature=30),
        Observed(hottest_inlet=32),
        800,
    ),
    "far over, down to the minimum": (
        DomainSpec(cap_watts=1000, minimum_cap_watts=300, max_inlet_temperature=30),
        Observed(hottest_inlet=50),
        300,
    ),
    "hot under a load target": (
        DomainSpec(cap_watts=1000, max_inlet_temperature=30, load_target=target(watts=600)),
        Observed(hottest_inlet=31),
        540,
    ),
}


@pytest.mark.parametrize("name", HOT)
def test_a_hot_inlet_takes_watts_away(name: str) -> None:
    spec, observed, cap = HOT[name]
    assert effective_cap_watts(spec, NOON, observed) == cap


NIGHTS = {
    "an ordinary night has eight hours": ("2026-03-10T21:00:00", 8),
    "so has the one that skips an hour, by the clock until seven": ("2026-03-28T21:00:00", 8),
    "and the one that has an hour twice, by the clock until five": ("2026-10-24T20:00:00", 8),
}


@pytest.mark.parametrize("name", NIGHTS)
def test_a_window_lasts_as_long_as_it_says_whatever_the_clocks_do(name: str) -> None:
    """From 22:00 on in Berlin: a cap window is for watts and seconds, not for readings of a clock."""
    start, hours = NIGHTS[name]
    spec = DomainSpec(cap_watts=1000, cap_schedules=[window("0 22 * * *", 8, 700, "Europe/Berlin")])
    opens = datetime.fromisoformat(start).replace(tzinfo=UTC)
    second = timedelta(seconds=1)
    moments = (opens - second, opens, opens + timedelta(hours=hours) - second, opens + timedelta(hours=hours))
    assert [effective_cap_watts(spec, moment) for moment in moments] == [1000, 700, 700, 1000]
