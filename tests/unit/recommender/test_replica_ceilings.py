"""Replica ceilings in a policy's status: by which watts replicas count, for whom, and whether they stay."""

import pytest

from common.api.policy import UpdatePolicy
from tests.unit.recommender.builders import policy
from tests.unit.recommender.scene import Scene

SCALE = UpdatePolicy(update_mode="Auto", levers=["Scale"])
BOTH = UpdatePolicy(update_mode="Auto", levers=["Scale", "PowerLimit"])


def advised(scene, cap, update, **more):
    return scene.advise(policy(power_cap_limit=cap, update_policy=update, **more)).recommendation


@pytest.fixture
def scene():
    scene = Scene(policies=(policy(power_cap_limit=800),))
    scene.measure()
    return scene.cycle()


def test_where_only_replicas_may_go_one_counts_with_its_upper_bound(scene):
    (advice,) = advised(scene, 800, SCALE).replicas
    assert advice.watts_per_replica >= 300
    assert advice.replicas == 800 // advice.watts_per_replica


def test_where_devices_may_be_limited_first_one_counts_with_their_floors(scene):
    (advice,) = advised(scene, 800, BOTH).replicas
    assert advice.watts_per_replica == 100 + 50
    assert advice.replicas == 5


def test_every_workload_under_lever_scale_has_a_ceiling_and_a_budget_is_told(scene):
    recommendation = advised(scene, 8000, BOTH)
    assert recommendation.replica_budget_watts == 8000
    assert [one.replicas for one in recommendation.replicas] == [53]
    assert "lower replicas" not in recommendation.summary


def test_without_the_lever_nothing_is_advised_that_fits(scene):
    recommendation = advised(scene, 8000, UpdatePolicy())
    assert (recommendation.replicas, recommendation.replica_budget_watts) == ([], None)


def test_too_many_replicas_are_named_in_the_summary(scene):
    recommendation = advised(scene, 390, BOTH)
    assert [one.replicas for one in recommendation.replicas] == [2]
    assert "lower replicas of Deployment/chat to 2" in recommendation.summary


def test_a_policy_keeps_its_least_replicas(scene):
    least = UpdatePolicy(update_mode="Auto", levers=["Scale"], min_replicas=2)
    assert [one.replicas for one in advised(scene, 100, least).replicas] == [2]


@pytest.mark.parametrize("watts", [110.0, 180.0, 290.0])
def test_the_present_draw_does_not_matter(watts):
    scene = Scene(policies=(policy(power_cap_limit=800),))
    scene.measure(watts)
    (advice,) = advised(scene.cycle(), 800, BOTH).replicas
    assert (advice.watts_per_replica, advice.replicas) == (150, 5)


def test_advice_that_was_followed_is_given_again(scene):
    first = scene.advise(policy(power_cap_limit=800, update_policy=BOTH))
    again = scene.advise(policy(power_cap_limit=800, update_policy=BOTH, status=first))
    assert again.recommendation.replicas == first.recommendation.replicas
