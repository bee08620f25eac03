"""A heartbeat never gets younger, whatever is done to the clocks."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from common.api.meta import rfc3339_micro
from nodeagent.obedience.heartbeat import Heartbeats, Moment

START = datetime(2026, 1, 1, tzinfo=UTC)


def moment(monotonic, wall):
    return Moment(100.0 + monotonic, START + timedelta(seconds=wall))


CASES = {
    "both clocks agree": ((60, 60), 65.0),
    "the wall clock was set back": ((60, -3600), 65.0),
    "the machine slept: only the wall clock went on": ((1, 900), 905.0),
    "the wall clock was set forward": ((60, 3600), 3605.0),
}


@pytest.mark.parametrize(("later", "age"), CASES.values(), ids=CASES)
def test_the_older_of_both_ages_counts(later, age):
    beats = Heartbeats()
    beats.seen("row", rfc3339_micro(START - timedelta(seconds=5)), moment(0, 0))
    assert beats.age_seconds("row", moment(*later)) == pytest.approx(age)


def test_a_heartbeat_from_the_future_ages_from_when_it_was_seen():
    beats = Heartbeats()
    beats.seen("row", rfc3339_micro(START + timedelta(hours=1)), moment(0, 0))
    assert beats.age_seconds("row", moment(700, 700)) == pytest.approx(700)


def test_seeing_the_same_heartbeat_again_does_not_renew_it():
    beats = Heartbeats()
    text = rfc3339_micro(START)
    beats.seen("row", text, moment(0, 0))
    beats.seen("row", text, moment(300, -50))
    assert beats.age_seconds("row", moment(400, -50)) == pytest.approx(400)


@pytest.mark.parametrize("text", ["", "yesterday"])
def test_what_cannot_be_read_is_infinitely_old(text):
    beats = Heartbeats()
    beats.seen("row", text, moment(0, 0))
    assert beats.age_seconds("row", moment(1, 1)) == math.inf
    assert beats.age_seconds("other", moment(1, 1)) == math.inf
