"""Watts stay where they are unless a cap, a floor or a real need moves them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from common.algorithms.caps import over_cap
from common.algorithms.water_filling import divide
from recommender.logic.postprocess import keep_small_changes, post_process
from tests.unit.algorithms.instances import snapshot
from tests.unit.recommender.builders import NOW, domain
from tests.unit.recommender.scene import Scene


def eight_nodes(asks, cap=16_000, current=None):
    return snapshot([-1], [cap], [0] * 8, [900] * 8, [3500] * 8, [(0, asks)], current=current)


def test_asks_that_tremble_leave_a_binding_division_alone():
    random = np.random.default_rng(3)
    asks = [900, 1200, 1400, 1500, 1500, 1600, 1700, 1800]
    settled = post_process(eight_nodes(asks), divide(eight_nodes(asks)))
    for _ in range(50):
        noisy = (np.array(asks) + 10 * random.integers(-3, 4, 8)).tolist()
        instance = eight_nodes(noisy, current=settled.tolist())
        assert post_process(instance, divide(instance)).tolist() == settled.tolist()


def test_a_real_need_is_served_at_the_cost_of_small_moves_elsewhere():
    current = [2000] * 8
    target = np.array([3000] + [1857] * 7)
    instance = eight_nodes([0] * 8, current=current)
    moved = keep_small_changes(instance, target)
    assert moved[0] >= 3000 - 60
    assert not over_cap(instance.caps, instance.group, moved).any()


def test_a_rise_gives_up_a_little_so_that_the_others_stay():
    instance = snapshot([-1], [3000], [0, 0, 0], [0] * 3, [2000] * 3, [], current=[900, 1000, 1000])
    moved = keep_small_changes(instance, np.array([1020, 990, 990]))
    assert moved.tolist() == [1000, 1000, 1000]


def test_a_cut_is_obeyed_at_once_however_small_the_moves():
    instance = eight_nodes([2000] * 8, current=[2000] * 8)
    cut = replace(instance, caps=replace(instance.caps, cap_watts=np.array([15_960])))
    moved = post_process(cut, divide(cut))
    assert moved.sum() <= 15_960


def test_a_second_division_within_the_lag_of_the_cache_repeats_the_first():
    scene = Scene(domains=(domain("cluster", selector={"rack": "r1"}, cap_watts=1800),))
    scene.measure(250.0)
    first = scene.cycle().engine.plans
    scene.measure(253.0, NOW.timestamp() + 1)
    second = scene.cycle(NOW + timedelta(seconds=1)).engine.plans
    assert [entry.watts for entry in second[0][2].entries] == [entry.watts for entry in first[0][2].entries]
