"""Promises of every built-in algorithm, whatever the instance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.algorithms.caps import over_cap
from common.algorithms.performance_power_ratio import efficient_range
from common.algorithms.registry import find_algorithm, known_algorithms, read_parameters
from tests.unit.algorithms.instances import nested, snapshot

DIVIDERS = ["water-filling", "uniform", "power-oversubscription", "performance-power-ratio"]


def plan_of(name, instance, **given_parameters):
    algorithm = find_algorithm(name)
    return algorithm.plan(instance, read_parameters(algorithm.description, given_parameters))


@given(nested(), st.sampled_from(DIVIDERS))
@settings(max_examples=120)
def test_no_plan_breaks_a_cap_or_a_ceiling(instance, name):
    watts = plan_of(name, instance).watts
    assert not over_cap(instance.caps, instance.group, watts).any()
    assert ((watts >= 0) & (watts <= instance.ceiling_watts)).all()


@pytest.mark.parametrize("name", known_algorithms())
def test_each_declares_what_it_is_and_what_it_reads(name):
    description = find_algorithm(name).description
    assert description.name == name
    assert description.summary.endswith(".")
    assert set(description.inputs) <= set(instance_fields())
    for parameter in description.parameters:
        assert parameter.minimum <= parameter.default <= parameter.maximum
        assert parameter.meaning


def instance_fields():
    return snapshot([-1], [1], [], [], [], []).__dataclass_fields__


def test_oversubscription_lends_idle_watts_and_takes_them_back():
    calm = snapshot([-1], [1000], [0, 0], [100] * 2, [800] * 2, [])
    busy = type(calm)(**vars(calm) | {"draw_watts": np.array([700, 100])})
    first, second = plan_of("power-oversubscription", busy).watts.tolist()
    assert first > second
    assert first >= 700
    assert first + second == 1000


def test_oversubscription_says_when_nameplates_are_more_than_its_ratio():
    crowded = snapshot([-1], [1000], [0] * 4, [0] * 4, [500] * 4, [])
    assert "more than 1.3 x the cap" in plan_of("power-oversubscription", crowded).notes[0]
    assert plan_of("power-oversubscription", crowded, ratio="2").notes == ()


def test_efficiency_peaks_below_full_power_and_falls_towards_idle():
    low, high = efficient_range(1.2, 0.3)
    assert 0.3 < low < high < 1.0
    assert efficient_range(0.8, 0.3)[1] == 1.0
    assert efficient_range(3.0, 0.3) == (1.0, 1.0)


def test_a_ratio_above_the_uncapped_one_limits_devices_without_any_cap():
    alone = snapshot([-1], [2**53], [0], [100], [700], [])
    watts = plan_of("performance-power-ratio", alone, **{"target-ratio": "1.3"}).watts.tolist()
    assert 100 < watts[0] < 700
