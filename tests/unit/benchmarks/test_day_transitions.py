"""From one plan to the next in the replayed day: what all may draw never exceeds the cap."""

import numpy as np
import pytest

from benchmarks.day.approach import approach
from benchmarks.day.pool import Pool
from common.models.serving import ReplicaModel
from recommender.planner.plan import make_plan
from recommender.planner.service_state import ServiceKey, ServiceState, Weights
from tests.unit.benchmarks.day import kind

_MODEL = ReplicaModel(0.05, 0.001, 2900.0, 2.5, 64.0, 1.1)
_NAMES = ("a", "b", "c")


def _plan(random, pools, cap):
    states = [
        ServiceState(
            ServiceKey("default", pool.kind.name), pool.bound, 0, 30, int(random.integers(0, 2)), 0.15,
            float(random.uniform(0.0, 8000.0)), _MODEL, 5700.0,
        )
        for pool in pools
    ]  # fmt: skip
    return make_plan(states, cap, Weights())


def _may_draw(pools):
    return sum(pool.alive * pool.settings.limit_watts for pool in pools)


@pytest.mark.parametrize("seed", range(12))
def test_the_sum_of_limits_stays_within_the_cap_from_plan_to_plan(seed):
    random = np.random.default_rng(seed)
    pools = [Pool(kind(name), 5) for name in _NAMES]
    for pool in pools:
        pool.settings.limit_watts = 3300.0
    cap = 70_000.0
    for _ in range(12):
        plan = _plan(random, pools, cap)
        for _ in range(int(random.integers(3, 60))):
            approach(plan, cap, pools)
            drawn = sum(pool.step(5.0, float(random.uniform(0.0, 30.0))).watts for pool in pools)
            assert _may_draw(pools) <= cap + 1e-6
            assert drawn <= cap + 1e-6


def test_a_plan_is_reached_and_its_spare_watts_are_given_out():
    random = np.random.default_rng(1)
    pools = [Pool(kind(name), 5) for name in _NAMES]
    plan = _plan(random, pools, 70_000.0)
    for _ in range(100):
        approach(plan, 70_000.0, pools)
        for pool in pools:
            pool.step(5.0, 1.0)
    assert [pool.ready for pool in pools] == [row.replicas for row in plan.rows]
    assert _may_draw(pools) >= min(plan.watts, 70_000.0) - 200.0


def test_a_service_without_watts_is_stopped():
    pools = [Pool(kind(name), 3) for name in _NAMES]
    plan = _plan(np.random.default_rng(5), pools, 70_000.0)
    rows = tuple(
        row if index else type(row)(row.service, None, "none") for index, row in enumerate(plan.rows)
    )
    stopped = type(plan)(rows, plan.cap_watts, 0.0, "greedy", 0.0)
    for _ in range(20):
        approach(stopped, 70_000.0, pools)
        for pool in pools:
            pool.step(5.0, 1.0)
    assert pools[0].alive == 0
