"""Conditions move when their status does, and only then."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from common.api.meta import Condition, find_condition, parse_time, rfc3339, rfc3339_micro, set_condition

NOON = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)

conditions = st.builds(
    Condition,
    type=st.sampled_from(["Ready", "Enforced", "Observed", "TreeValid"]),
    status=st.sampled_from(["True", "False", "Unknown"]),
    reason=st.sampled_from(["Fine", "Stale"]),
    message=st.text(max_size=8),
)


def ready(status: str, message: str = "") -> Condition:
    return Condition(type="Ready", status=status, reason="Because", message=message)


def test_first_condition_bears_the_time_of_its_setting() -> None:
    (first,) = set_condition([], ready("True"), NOON)
    assert first.last_transition_time == "2027-01-15T12:00:00Z"


def test_time_stays_while_the_status_does() -> None:
    before = set_condition([], ready("True", "first"), NOON)
    (after,) = set_condition(before, ready("True", "second"), LATER)
    assert (after.message, after.last_transition_time) == ("second", rfc3339(NOON))


def test_time_moves_with_the_status() -> None:
    before = set_condition([], ready("True"), NOON)
    (after,) = set_condition(before, ready("False"), LATER)
    assert after.last_transition_time == rfc3339(LATER)


@given(st.lists(conditions, max_size=12))
def test_each_type_is_there_once_in_order_with_its_last_word(news: list[Condition]) -> None:
    held: list[Condition] = []
    for new in news:
        held = set_condition(held, new, NOON)
    types = [condition.type for condition in held]
    assert types == sorted({new.type for new in news})
    for new in {new.type: new for new in news}.values():
        found = find_condition(held, new.type)
        assert found is not None
        assert (found.status, found.reason, found.message) == (new.status, new.reason, new.message)


@given(st.lists(conditions, max_size=6), conditions)
def test_setting_the_same_twice_changes_nothing(held: list[Condition], new: Condition) -> None:
    once = set_condition(held, new, NOON)
    assert set_condition(once, new, LATER) == once


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))
def test_times_come_back_as_they_were_written(moment: datetime) -> None:
    assert parse_time(rfc3339_micro(moment)) == moment
    assert parse_time(rfc3339(moment)) == moment.replace(microsecond=0)


def test_a_time_that_is_none_is_none() -> None:
    assert parse_time("") is None
    assert parse_time("at noon") is None


def test_a_time_without_a_zone_is_utc_so_that_it_can_be_compared() -> None:
    assert parse_time("2026-03-04T12:00:00") == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert parse_time("2026-03-04T12:00:00+02:00") == datetime(2026, 3, 4, 10, tzinfo=UTC)
