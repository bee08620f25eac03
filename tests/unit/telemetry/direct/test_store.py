"""Ages and rates from a short memory."""

import pytest

from common.telemetry.direct.exposition import PageSample
from common.telemetry.direct.store import FORGET_AFTER_SECONDS, SampleStore

LABELS = {"UUID": "G1"}


def store(*points, name="energy"):
    made = SampleStore()
    for at, value in points:
        made.put("t", at, [PageSample(name, LABELS, value)])
    return made


def track(made, name="energy"):
    (found,) = made.by_name([name])[name]
    return found


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 100)], None),
        ([(0, 100), (5, 600)], 100.0),
        ([(0, 100), (5, 100)], None),
        ([(0, 100), (5, 100), (10, 1100)], 100.0),
        ([(0, 100), (10, 1100), (15, 1100), (20, 1100)], 100.0),
        ([(0, 900), (5, 100)], None),
        ([(0, 900), (5, 100), (10, 600)], 100.0),
    ],
    ids=[
        "one",
        "two",
        "stood-still",
        "collected-rarely",
        "stands-still-since",
        "restarted",
        "after-a-restart",
    ],
)
def test_the_rate_of_a_counter(points, expected):
    assert track(store(*points)).per_second == expected


def test_a_value_that_stands_still_ages_from_its_last_change_a_gauge_from_its_last_sample():
    found = track(store((0, 100), (10, 1100), (30, 1100)))
    assert (found.changed.at, found.last.at) == (10, 30)


def test_a_sample_with_a_stamp_of_its_own_is_as_old_as_that_and_never_from_the_future():
    made = SampleStore()
    made.put("t", 100.0, [PageSample("a", {}, 1.0, 60.0), PageSample("b", {}, 1.0, 160.0)])
    assert (track(made, "a").last.at, track(made, "b").last.at) == (60.0, 100.0)


def test_a_page_read_twice_with_the_same_stamp_is_one_sample():
    made = SampleStore()
    for at, value in ((100.0, 1.0), (105.0, 9.0)):
        made.put("t", at, [PageSample("a", {}, value, 90.0)])
    assert track(made, "a").last == (90.0, 1.0)


def test_a_series_that_the_page_has_no_longer_is_dropped_at_once():
    made = store((0, 1))
    made.put("t", 5, [])
    assert made.names() == frozenset()


def test_a_target_that_fails_keeps_its_last_values_until_it_is_forgotten():
    made = store((0, 1))
    made.forget(["t"], FORGET_AFTER_SECONDS)
    assert made.names() == {"energy"}
    made.forget(["t"], FORGET_AFTER_SECONDS + 1)
    assert made.names() == frozenset()


def test_a_target_that_is_no_longer_wanted_is_forgotten():
    made = store((0, 1))
    made.forget(["other"], 1)
    assert made.names() == frozenset()


def test_a_clock_that_was_set_back_does_not_freeze_what_is_known():
    made = store((1000, 100), (1005, 600))
    made.put("t", 400, [PageSample("energy", LABELS, 1100)])
    assert track(made).last == (400, 1100)
    made.put("t", 405, [PageSample("energy", LABELS, 1600)])
    assert track(made).per_second == 100.0


def test_what_was_heard_before_a_clock_was_set_back_has_no_age_and_is_forgotten():
    made = store((1000, 100))
    made.forget(["t"], 400)
    assert made.names() == frozenset()
