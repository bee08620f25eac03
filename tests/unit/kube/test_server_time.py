"""The offset of the server's clock, from dates that are cut to whole seconds."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.kube.servertime import ServerTime
from tests.fakes.clock import FakeClock


def _answer(times: ServerTime, clock: FakeClock, offset: float, before: float, after: float) -> None:
    """One request: the server stamps its answer `before` seconds after it was sent, it takes `after` more."""
    sent = clock.now()
    clock.advance(before)
    date = format_datetime((clock.now() + timedelta(seconds=offset)).replace(microsecond=0), usegmt=True)
    clock.advance(after)
    times.observe(date, sent, clock.now())


def test_nothing_is_claimed_before_the_first_answer() -> None:
    times = ServerTime(FakeClock())
    assert times.offset_seconds == 0.0
    assert times.uncertainty_seconds == float("inf")


@given(
    offset=st.floats(-86_400, 86_400),
    delays=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3), st.floats(0, 20)), min_size=1, max_size=30),
)
def test_the_true_offset_is_always_within_the_bounds(offset: float, delays: list[tuple[float, ...]]) -> None:
    clock = FakeClock()
    times = ServerTime(clock)
    for before, after, pause in delays:
        _answer(times, clock, offset, before, after)
        assert abs(times.offset_seconds - offset) <= times.uncertainty_seconds + 1e-3
        clock.advance(pause)


@given(offset=st.floats(-3600, 3600), fraction=st.floats(0, 1))
def test_one_quick_answer_is_good_to_six_tenths_of_a_second(offset: float, fraction: float) -> None:
    clock = FakeClock()
    clock.advance(fraction)
    times = ServerTime(clock)
    _answer(times, clock, offset, 0.1, 0.1)
    assert times.offset_seconds == pytest.approx(offset, abs=0.6 + 1e-3)


def test_many_answers_narrow_it_well_below_a_second() -> None:
    clock, rng = FakeClock(), random.Random(3)
    times = ServerTime(clock)
    for _ in range(50):
        _answer(times, clock, -12.34, 0.01, 0.01)
        clock.advance(rng.uniform(0.1, 2.0))
    assert times.offset_seconds == pytest.approx(-12.34, abs=0.1)


def test_a_slow_answer_does_not_spoil_what_is_known() -> None:
    clock = FakeClock()
    times = ServerTime(clock)
    for _ in range(10):
        _answer(times, clock, 5.0, 0.01, 0.01)
        clock.advance(0.37)
    known = times.uncertainty_seconds
    _answer(times, clock, 5.0, 0.0, 20.0)
    assert times.offset_seconds == pytest.approx(5.0, abs=0.3)
    assert times.uncertainty_seconds == pytest.approx(known, abs=0.02)


def test_a_clock_that_was_set_is_noticed_at_the_next_answer() -> None:
    clock = FakeClock()
    times = ServerTime(clock)
    for _ in range(10):
        _answer(times, clock, 0.0, 0.01, 0.01)
    clock.set_wall(clock.now() + timedelta(seconds=90))
    _answer(times, clock, -90.0, 0.01, 0.01)
    assert times.offset_seconds == pytest.approx(-90.0, abs=0.6)


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 2026 10:00:00 GMT"])
def test_what_is_no_date_is_ignored(date: str) -> None:
    clock = FakeClock()
    times = ServerTime(clock)
    times.observe(date, clock.now(), clock.now())
    assert not times.known


def test_a_request_during_which_the_clock_went_back_is_ignored() -> None:
    clock = FakeClock()
    times = ServerTime(clock)
    sent = datetime(2026, 1, 1, 12, tzinfo=UTC)
    times.observe("Thu, 01 Jan 2026 12:00:00 GMT", sent, sent - timedelta(hours=1))
    assert not times.known
