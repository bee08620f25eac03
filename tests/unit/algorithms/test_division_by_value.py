"""Watts go where they are worth most: no linear program finds better; equal optima stay near the present."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks.allocate.instances import datacenter, random_nesting
from benchmarks.allocate.optimum import best_value, served_value
from common.algorithms.caps import over_cap
from common.algorithms.protocol import DemandLevel, ValueCurves
from common.algorithms.water_filling import divide
from tests.unit.algorithms.instances import snapshot


def by_value(caps, steps, worth, *, parent=(-1,), group=None, current=None, floors=None):
    """Members with curves under one group, or under those given."""
    steps = np.array(steps, dtype=np.int64)
    floors = floors or [0] * len(steps)
    ceilings = (steps.sum(axis=1) + floors).tolist()
    made = snapshot(list(parent), caps, group or [0] * len(steps), floors, ceilings, [], current=current)
    level = DemandLevel(0, steps.sum(axis=1), ValueCurves(steps, np.array(worth, dtype=float)))
    return replace(made, demand=(level,))


@pytest.mark.parametrize("seed", range(40))
def test_the_value_served_equals_the_optimum_of_a_linear_program(seed):
    instance = random_nesting(seed)
    watts = divide(instance)
    assert not over_cap(instance.caps, instance.group, watts).any()
    assert (watts >= instance.floor_watts).all()
    assert served_value(instance, watts) == pytest.approx(best_value(instance), rel=1e-9)


def test_a_datacenter_is_divided_optimally_with_every_level_binding():
    instance = datacenter(40, 4, 8, seed=3)
    assert served_value(instance, divide(instance)) == pytest.approx(best_value(instance), rel=1e-9)


def test_the_watt_worth_more_is_given_first():
    assert divide(by_value([100], [[60, 60], [60, 60]], [[5, 1], [4, 3]])).tolist() == [60, 40]


def test_a_cap_below_takes_only_from_those_under_it():
    instance = by_value([100, 30], [[60], [60], [60]], [[9], [8], [1]], parent=(-1, 0), group=[1, 1, 0])
    assert divide(instance).tolist() == [30, 0, 60]


def test_watts_of_equal_worth_stay_where_they_are():
    instance = by_value([100], [[80], [80]], [[1], [1]], current=[75, 25])
    assert divide(instance).tolist() == [75, 25]


def test_watts_of_equal_worth_are_shared_evenly_among_newcomers():
    assert divide(by_value([200], [[100]] * 4, [[1]] * 4)).tolist() == [50, 50, 50, 50]


@pytest.mark.parametrize("seed", range(12))
def test_among_equal_optima_the_nearest_to_the_present_is_chosen(seed):
    random = np.random.default_rng(seed)
    steps = random.integers(0, 4, (3, 2))
    worth = np.sort(random.integers(1, 3, (3, 2)), axis=1)[:, ::-1].astype(float)
    current = [int(random.integers(0, total + 1)) for total in steps.sum(axis=1)]
    instance = by_value([int(steps.sum() * 0.6)], steps, worth, current=current)
    watts = divide(instance)
    plans = [np.array(plan) for plan in product(*(range(total + 1) for total in steps.sum(axis=1)))]
    fitting = [plan for plan in plans if plan.sum() <= instance.caps.cap_watts[0]]
    best = max(served_value(instance, plan) for plan in fitting)
    optimal = [plan for plan in fitting if served_value(instance, plan) == best]
    assert served_value(instance, watts) == best
    assert np.abs(watts - current).sum() == min(np.abs(plan - current).sum() for plan in optimal)


def test_floors_come_before_any_value():
    instance = by_value([100], [[50], [50]], [[9], [1]], floors=[10, 60])
    assert divide(instance).tolist() == [40, 60]


def test_a_higher_priority_is_served_before_any_value_of_a_lower_one():
    instance = by_value([100], [[80], [80]], [[9], [1]])
    first = DemandLevel(7, np.array([0, 70]))
    assert divide(replace(instance, demand=(first, *instance.demand))).tolist() == [30, 70]


@pytest.mark.parametrize("seed", range(10))
def test_worths_that_lie_close_beside_one_that_does_not_are_told_apart(seed):
    """One worth far above all others puts those into a single bin of the histogram."""
    random = np.random.default_rng(seed)
    worth = 1.0 + 1e-6 * np.sort(random.random((30, 3)), axis=1)[:, ::-1]
    worth[0, 0] = 1e6
    steps = random.integers(1, 50, (30, 3))
    parent, group = (-1, 0, 0), [1 + number % 2 for number in range(30)]
    caps = [int(steps.sum() * 0.5), int(steps[::2].sum() * 0.7), int(steps[1::2].sum() * 0.4)]
    instance = by_value(caps, steps, worth, parent=parent, group=group)
    served = divide(instance)
    assert not over_cap(instance.caps, instance.group, served).any()
    # The outlier is served either way; HiGHS itself is exact to 1e-5 at most beside it.
    assert served[0] >= steps[0, 0]
    assert served_value(instance, served) >= best_value(instance) - 2e-6
