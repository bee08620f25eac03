"""A disruption budget that said no is left alone: longer each time, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from actuator.levers.backoff import BudgetBackoff

BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_it_waits_twice_as_long_each_time_and_begins_anew_once_allowed() -> None:
    backoff = BudgetBackoff()
    backoff.refused("ns/b", BEGAN)
    assert backoff.waiting(after(9)) == {"ns/b"}
    backoff.refused("ns/b", after(10))
    assert backoff.waiting(after(29)) == {"ns/b"}
    assert backoff.waiting(after(30)) == frozenset()
    backoff.allowed("ns/b")
    backoff.refused("ns/b", after(40))
    assert backoff.waiting(after(50)) == frozenset()


def test_what_the_server_asks_for_is_waited_for() -> None:
    backoff = BudgetBackoff()
    backoff.refused("ns/b", BEGAN, at_least_seconds=60)
    assert backoff.waiting(after(59)) == {"ns/b"}


def test_one_that_was_not_asked_for_long_is_forgotten() -> None:
    backoff = BudgetBackoff()
    for refusal in range(3):
        backoff.refused("ns/b", after(refusal))
    assert backoff.waiting(after(400)) == frozenset()
    backoff.refused("ns/b", after(400))
    assert backoff.waiting(after(410)) == frozenset(), "the first wait again, of 10 s"
