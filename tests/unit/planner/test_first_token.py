"""The time to the first token as a target: fewer requests at once in a replica, and so more replicas."""

import dataclasses

import numpy as np
import pytest

from common.models.serving import ReplicaSamples, learn_replica
from recommender.planner.plan import make_plan
from recommender.planner.service_state import Weights
from tests.unit.planner.services import MODEL, service

SLOW_START = dataclasses.replace(MODEL, first_seconds=0.1, first_request_seconds=0.01)
"""0.74 s to the first token with 64 requests at once."""


def planned(target_seconds, **changes):
    plan = make_plan(
        [service(model=SLOW_START, first_target_seconds=target_seconds, **changes)], 1e9, Weights()
    )
    return plan.rows[0]


def test_a_tight_target_takes_more_replicas_than_a_loose_one():
    tops = {"speeds": (1.0,)}
    assert planned(0.3, **tops).replicas > planned(0.8, **tops).replicas


def test_a_tight_target_may_be_kept_by_higher_clocks():
    assert planned(0.3).option.speed > planned(0.8).option.speed


@pytest.mark.parametrize("target", [0.2, 0.3, 0.5, 0.8, None])
@pytest.mark.parametrize("speed", [1.0, 0.6])
def test_at_capacity_both_targets_are_kept(target, speed):
    tokens = SLOW_START.capacity(speed, 0.1, target)
    requests = tokens * SLOW_START.step_seconds / (speed - SLOW_START.request_seconds * tokens)
    assert target is None or (0.1 + 0.01 * requests) / speed <= target + 1e-9
    assert SLOW_START.seconds_between_tokens(tokens, speed) <= 0.1 + 1e-9


def test_a_target_that_no_lone_request_keeps_is_named():
    row = planned(0.05)
    assert row.option.tokens_per_second == 0
    assert row.reason.startswith("100 ms between tokens and 50 ms to the first cannot be kept")


def test_without_a_target_or_without_measurements_it_bounds_nothing():
    assert SLOW_START.capacity(1.0, 0.1) == MODEL.capacity(1.0, 0.1) == MODEL.capacity(1.0, 0.1, 0.3)


def test_it_is_learnt_from_how_it_grows_with_the_load():
    requests = np.array([5.0, 10.0, 20.0, 40.0, 60.0])
    tokens = requests / (0.02 + 0.001 * requests)
    samples = ReplicaSamples(requests, tokens, 200 + tokens, 0.1 + 0.01 * requests)
    model = learn_replica(samples)
    assert model.first_seconds == pytest.approx(0.1, rel=0.3)
    assert model.first_seconds + 50 * model.first_request_seconds == pytest.approx(0.6, rel=0.1)
    untold = learn_replica(dataclasses.replace(samples, first_token_seconds=np.full(5, np.nan)))
    assert (untold.first_seconds, untold.first_request_seconds) == (0.0, 0.0)
