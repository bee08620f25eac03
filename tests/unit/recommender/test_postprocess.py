"""Whatever is planned, what leaves the chain fits, keeps floors where they fit, and does not churn."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from common.algorithms.caps import over_cap
from common.algorithms.water_filling import divide
from recommender.logic.postprocess import keep_small_changes, post_process, within_bounds
from tests.unit.algorithms.instances import nested, snapshot


@given(nested(), st.lists(st.floats(-500, 3000), min_size=12, max_size=12))
@settings(max_examples=80)
def test_any_plan_comes_out_under_every_cap_and_ceiling(instance, wild):
    watts = post_process(instance, np.array(wild[: len(instance.members)]))
    assert watts.dtype == np.int64
    assert (watts >= 0).all()
    assert (watts <= instance.ceiling_watts).all()
    assert not over_cap(instance.caps, instance.group, watts).any()


@given(nested(), st.lists(st.floats(-500, 3000), min_size=12, max_size=12))
@settings(max_examples=80)
def test_any_plan_comes_out_with_floors_kept_where_they_fit(instance, wild):
    if over_cap(instance.caps, instance.group, instance.floor_watts).any():
        return
    watts = post_process(instance, np.array(wild[: len(instance.members)]))
    assert (watts >= instance.floor_watts).all()


@given(nested())
@settings(max_examples=80)
def test_a_plan_that_is_within_bounds_is_left_alone(instance):
    plan = divide(instance)
    assert within_bounds(instance, plan).tolist() == plan.tolist()


@given(nested(), st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_noise_in_the_demand_moves_nobody_by_a_few_watts(instance, seed):
    first = post_process(instance, divide(instance))
    noise = np.random.default_rng(seed).integers(-4, 5, len(first))
    settled = replace(instance, current_watts=first)
    moved = within_bounds(settled, first + noise)
    second = keep_small_changes(settled, moved)
    assert not over_cap(instance.caps, instance.group, second).any()
    unchanged = keep_small_changes(settled, first)
    assert unchanged.tolist() == first.tolist()
    assert (np.abs(second - first) <= np.abs(moved - first)).all()


def test_a_small_change_is_not_worth_a_write():
    instance = snapshot([-1], [1000], [0, 0], [0, 0], [600, 600], [], current=[500, 490])
    assert keep_small_changes(instance, np.array([495, 495])).tolist() == [500, 490]


def test_a_kept_value_never_puts_a_group_over_its_cap():
    instance = snapshot([-1], [990], [0, 0], [0, 0], [600, 600], [], current=[500, 500])
    kept = keep_small_changes(instance, np.array([495, 495]))
    assert kept.sum() <= 990
