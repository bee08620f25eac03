"""No inlet gets over its limit, nothing is cut for nothing, and the coolest split is proven."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.heat import Recirculation, coolest_split, placement_scores, watts_under_limits


@st.composite
def rooms(draw):
    inlets, sources = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = random.uniform(0, 2e-3, (inlets, sources)) * (random.random((inlets, sources)) < 0.7)
    limit = np.where(random.random(inlets) < 0.2, np.inf, random.uniform(19, 35, inlets))
    heat = Recirculation(np.full(inlets, 18.0), matrix, limit)
    floor = random.uniform(0, 1000, sources)
    return heat, floor, floor + random.uniform(0, 9000, sources)


@given(rooms())
@settings(max_examples=300)
def test_inlets_keep_to_their_limits_wherever_the_floors_allow(room):
    heat, floor, asked = room
    watts = watts_under_limits(heat, asked, floor)
    assert (watts >= floor - 1e-6).all()
    assert (watts <= asked + 1e-6).all()
    # An inlet that even the floors warm too much cools to what the floors make of it.
    assert (heat.excess(watts) <= np.maximum(heat.excess(floor), 0.0) + 1e-6).all()


@given(rooms())
@settings(max_examples=300)
def test_nobody_alone_could_have_more(room):
    heat, floor, asked = room
    if (heat.excess(floor) > 0).any():
        return
    watts = watts_under_limits(heat, asked, floor)
    for source in range(len(watts)):
        more = watts.copy()
        more[source] += 1.0
        warms = heat.degrees_per_watt[:, source] > 0
        assert more[source] > asked[source] or (heat.excess(more)[warms] > -1e-6).any()


def test_whoever_warms_the_hot_inlet_gives_most():
    heat = Recirculation(np.array([20.0]), np.array([[1e-3, 1e-4]]), np.array([25.0]))
    watts = watts_under_limits(heat, np.array([6000.0, 6000.0]), np.zeros(2))
    assert heat.inlets(watts)[0] == pytest.approx(25.0)
    assert watts[0] < watts[1]


def test_an_inlet_that_cannot_be_cooled_does_not_keep_others_from_their_limits():
    matrix = np.array([[1e-3, 0.0], [0.0, 1e-3]])
    heat = Recirculation(np.full(2, 20.0), matrix, np.array([20.5, 25.0]))
    watts = watts_under_limits(heat, np.array([9000.0, 8000.0]), np.array([1000.0, 0.0]))
    assert watts.tolist() == pytest.approx([1000.0, 5000.0])


def test_without_limits_all_is_granted():
    heat = Recirculation(np.array([20.0]), np.array([[1e-2]]), np.array([np.inf]))
    assert watts_under_limits(heat, np.array([5e4]), np.zeros(1))[0] == 5e4


@pytest.mark.parametrize("seed", range(5))
def test_the_coolest_split_is_within_a_tenth_of_a_degree_of_its_bound(seed):
    random = np.random.default_rng(seed)
    matrix = random.lognormal(0.0, 0.5, (8, 8)) * 1e-4
    heat = Recirculation(np.full(8, 18.0), matrix, np.full(8, np.inf))
    most, least = np.full(8, 20_000.0), np.full(8, 2000.0)
    split = coolest_split(heat, 80_000.0, least, most)
    assert split.watts.sum() == pytest.approx(80_000.0)
    assert (split.watts >= least - 1e-6).all()
    assert (split.watts <= most + 1e-6).all()
    assert split.bound <= split.hottest <= split.bound + 0.1
    assert split.hottest < heat.inlets(np.full(8, 10_000.0)).max()


def test_scores_prefer_whom_the_hottest_inlet_hardly_feels():
    matrix = np.array([[3e-4, 1e-4, 2e-4], [1e-4, 1e-4, 1e-4]])
    heat = Recirculation(np.array([25.0, 18.0]), matrix, np.array([27.0, 27.0]))
    scores = placement_scores(heat, np.full(3, 1000.0))
    assert scores.tolist() == [0, 100, 50]


def test_an_inlet_near_its_own_limit_counts_more_than_a_hotter_one_that_may():
    matrix = np.array([[3e-4, 0.0], [0.0, 3e-4]])
    heat = Recirculation(np.array([30.0, 22.0]), matrix, np.array([45.0, 23.0]))
    assert placement_scores(heat, np.full(2, 1000.0)).tolist() == [100, 0]


def test_equal_places_are_equally_good():
    heat = Recirculation(np.array([20.0]), np.array([[1e-3, 1e-3]]), np.array([np.inf]))
    assert placement_scores(heat, np.zeros(2)).tolist() == [100, 100]
