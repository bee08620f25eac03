"""Whatever the instance, the division fits under every cap and respects bounds."""

import numpy as np
from hypothesis import given, settings

from common.algorithms.caps import over_cap
from common.algorithms.water_filling import divide
from tests.unit.algorithms.instances import nested, snapshot


@given(nested())
@settings(max_examples=80)
def test_sum_of_children_never_exceeds_the_cap_at_any_level(instance):
    watts = divide(instance)
    assert not over_cap(instance.caps, instance.group, watts).any()


@given(nested())
@settings(max_examples=80)
def test_nobody_is_below_zero_or_above_its_ceiling(instance):
    watts = divide(instance)
    assert (watts >= 0).all()
    assert (watts <= instance.ceiling_watts).all()


@given(nested())
@settings(max_examples=80)
def test_floors_are_kept_wherever_they_fit(instance):
    if over_cap(instance.caps, instance.group, instance.floor_watts).any():
        return
    assert (divide(instance) >= instance.floor_watts).all()


def test_no_watt_is_left_while_somebody_can_use_it():
    instance = snapshot([-1, 0, 0], [1000, 300, 900], [1, 1, 2], [0, 0, 0], [500, 500, 1000], [])
    watts = divide(instance)
    assert watts.tolist() == [150, 150, 700]


def test_odd_watts_stay_with_those_that_have_more_now():
    instance = snapshot([-1], [100], [0, 0, 0], [0] * 3, [100] * 3, [], current=[0, 34, 33])
    assert divide(instance).tolist() == [33, 34, 33]


def test_higher_priority_is_served_before_lower():
    instance = snapshot([-1], [100], [0, 0], [0, 0], [100, 100], [(5, [80, 0]), (0, [0, 80])])
    assert divide(instance).tolist() == [80, 20]


def test_inside_a_priority_the_shares_are_even():
    instance = snapshot([-1], [100], [0, 0, 0], [0] * 3, [100] * 3, [(0, [10, 80, 80])])
    assert divide(instance).tolist() == [10, 45, 45]


def test_divides_nothing_among_nobody():
    instance = snapshot([-1], [100], [], [], [], [])
    assert np.array_equal(divide(instance), np.zeros(0, dtype=np.int64))
