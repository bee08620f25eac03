"""The mixed-integer program: equal to water-filling on concave curves, better on others, gap proven."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.allocate.instances import random_nesting
from benchmarks.allocate.optimum import served_value
from common.algorithms.caps import over_cap
from common.algorithms.concave_hull import concave_hull
from common.algorithms.exact import Exact
from common.algorithms.protocol import DemandLevel, ValueCurves
from common.algorithms.registry import read_parameters
from common.algorithms.water_filling import divide
from tests.unit.algorithms.instances import snapshot

PARAMETERS = read_parameters(Exact.description, {})


def idling(cap):
    """Three devices whose first 100 W buy nothing and whose next 100 W are worth 2 each."""
    made = snapshot([-1], [cap], [0] * 3, [0] * 3, [200] * 3, [])
    curves = ValueCurves(np.full((3, 2), 100), np.array([[0.0, 2.0]] * 3))
    return replace(made, demand=(DemandLevel(0, np.full(3, 200), curves),))


@pytest.mark.parametrize("seed", range(8))
def test_on_concave_curves_it_equals_water_filling(seed):
    instance = random_nesting(seed)
    plan = Exact().plan(instance, PARAMETERS)
    assert served_value(instance, plan.watts) == pytest.approx(
        served_value(instance, divide(instance)), rel=1e-4
    )
    assert not over_cap(instance.caps, instance.group, plan.watts).any()


def test_where_idle_power_bends_curves_it_concentrates_watts():
    plan = Exact().plan(idling(400), PARAMETERS)
    assert sorted(plan.watts.tolist()) == [0, 200, 200]
    assert plan.notes == ("proven gap 0.00 %",)


def test_priorities_outweigh_each_other():
    made = snapshot([-1], [100], [0, 0], [0, 0], [100, 100], [(5, [80, 0]), (0, [0, 100])])
    assert Exact().plan(made, PARAMETERS).watts.tolist() == [80, 20]


def test_floors_that_do_not_fit_are_told():
    made = snapshot([-1], [100], [0, 0], [80, 80], [100, 100], [(0, [20, 20])])
    plan = Exact().plan(made, PARAMETERS)
    assert plan.watts.sum() == 100
    assert "floors do not fit" in plan.notes[0]


def test_a_concave_hull_never_rises_and_keeps_the_total():
    curves = ValueCurves(np.array([[100, 50, 100]]), np.array([[0.0, 6.0, 2.0]]))
    hull = concave_hull(curves)
    assert (np.diff(hull.value_per_watt, axis=1) <= 0).all()
    assert (hull.value_per_watt * hull.step_watts).sum() == pytest.approx(500)


@pytest.mark.parametrize("members", [0, 2], ids=["no-members", "zeros"])
def test_where_nothing_is_asked_for_there_is_nothing_to_search(members):
    made = snapshot([-1], [100], [0] * members, [0] * members, [100] * members, [(0, [0] * members)])
    plan = Exact().plan(made, PARAMETERS)
    assert plan.watts.tolist() == [50] * members
    assert "no search was needed" in plan.notes[0]
