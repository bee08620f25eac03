"""Which bound on the rest holds: the nameplate's until enough is known, and again when the meter goes."""

import pytest

from nodeagent.guard.restbound import RestBound, RestSource
from nodeagent.guard.restlearning import LearnedRest, LearningSettings

NAMEPLATE = 2000
SETTINGS = LearningSettings(enough_seconds=30.0, margin_ratio=0.05)
SETTLE = 1.0
BUDGET = 5000
"""Beside devices that may draw 3,900 W the learned bound of 1,050 W fits it, and the nameplate does not."""
DEVICES = 3900


@pytest.fixture
def bound():
    found = RestBound(NAMEPLATE, LearnedRest(SETTINGS), SETTLE, 0.0)
    for half in range(80):
        found.add(1000.0, 4000.0, half / 2)
    found.stand(2000, BUDGET, 39.5)
    assert found.source(39.5) is RestSource.LEARNED
    return found


def test_without_a_meter_the_nameplate_holds():
    bound = RestBound(NAMEPLATE, None, SETTLE, 0.0)
    bound.add(100.0, 1000.0, 1.0)
    assert bound.model(1.0).bound_watts(0) == NAMEPLATE
    assert bound.stand(1000, BUDGET, 1.0).source is RestSource.UNMETERED


def test_before_enough_was_seen_the_nameplate_holds():
    bound = RestBound(NAMEPLATE, LearnedRest(SETTINGS), SETTLE, 0.0)
    bound.add(1000.0, 4000.0, 1.0)
    assert bound.source(1.0) is RestSource.LEARNING
    assert bound.model(1.0).bound_watts(0) == NAMEPLATE


def test_what_was_learned_is_stood_by(bound):
    assert bound.stand(DEVICES, BUDGET, 40.0).watts == 1050


def test_when_the_meter_goes_devices_make_room_before_the_nameplate_is_stood_by(bound):
    assert bound.model(46.0).aside_watts(BUDGET) == NAMEPLATE
    assert bound.stand(DEVICES, BUDGET, 46.0).watts == 1050
    assert bound.stand(3000, BUDGET, 46.5).watts == NAMEPLATE


def test_where_devices_cannot_make_room_the_nameplate_is_stood_by_soon(bound):
    assert bound.stand(DEVICES, BUDGET, 46.0).watts == 1050
    assert bound.stand(DEVICES, BUDGET, 49.5).watts == NAMEPLATE


def test_a_reading_above_the_bound_is_stood_by_at_once(bound):
    bound.add(1400.0, 4000.0, 40.0)
    assert bound.stand(DEVICES, BUDGET, 40.0).watts == 1400
    assert bound.model(40.0).aside_watts(BUDGET) == 1470


def test_a_single_reading_above_the_nameplate_is_a_glitch(bound):
    bound.add(9000.0, 4000.0, 40.0)
    assert bound.stand(3000, BUDGET, 40.0).highest_watts == NAMEPLATE


def test_a_rest_that_stays_above_its_nameplate_counts_as_it_is(bound):
    for half in range(4):
        bound.add(2500.0, 4000.0, 40.0 + half / 2)
    assert bound.stand(0, BUDGET, 42.0).highest_watts >= 2500 * 1.05
    assert bound.model(42.0).aside_watts(BUDGET) >= 2500 * 1.05


def test_a_meter_that_is_not_believed_leaves_the_nameplate(bound):
    bound.refuse()
    assert bound.source(39.6) is RestSource.LEARNING
    assert bound.model(39.6).bound_watts(0) == NAMEPLATE
