"""The replayed day: what is added up, and that nobody looks ahead."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from benchmarks.day.autoscaler import Autoscaler, Scaling
from benchmarks.day.grid import GridDay
from benchmarks.day.load import DAY_WINDOWS, WARM_WINDOWS, bursts, draw_day
from benchmarks.day.planned import Ahead, Planned
from benchmarks.day.pool import Pool
from benchmarks.day.replay import Batch, Facts, replay
from common.replay.synthetic import synthetic_scenario
from tests.unit.benchmarks.day import kind

_DT = 5.0
_SHARES = (1.0, 0.6)
_STEPS = 720


def _rates():
    random = np.random.default_rng(1)
    at = np.arange(8 * DAY_WINDOWS)
    swing = 1.0 + 0.4 * np.sin(2 * np.pi * at / DAY_WINDOWS)
    return np.stack([swing * random.uniform(0.9, 1.1, len(at)) for _ in _SHARES])


def _load(seed=1, hours=2):
    burst = bursts(synthetic_scenario(minutes=60.0).trace, _DT)
    load = draw_day(_rates(), [10.0 * one for one in _SHARES], 7, burst, np.random.default_rng(seed), _DT)
    return replace(load, arrivals=load.arrivals[:, : _STEPS * (1 + hours)])


def _grid(price=100.0, carbon=400.0):
    return GridDay("XX", date(2023, 1, 1), *(np.full(24, one) for one in (price, carbon, price, carbon)))


def _pools():
    return [Pool(kind("a"), 5, 10.0), Pool(kind("b", priority=1), 4, 6.0)]


class _Nothing:
    def act(self, now, pools, served):
        pass


class _Watched:
    """Notes what a controller has set after every step."""

    def __init__(self, controller):
        self.seen, self._controller = [], controller

    def act(self, now, pools, served):
        self._controller.act(now, pools, served)
        self.seen.append([(pool.bound, pool.settings.limit_watts) for pool in pools])


def _planned(load, cap=50_000.0):
    before = Autoscaler([Scaling(1, 20)] * 2)
    return _Watched(Planned(load, [Ahead(cap, 0.1, 400.0)] * 24, 20, before))


def test_a_seed_is_a_day():
    assert (_load(1).arrivals == _load(1).arrivals).all()
    assert (_load(1).arrivals != _load(2).arrivals).any()


def test_arrivals_follow_the_recorded_rates():
    load = _load(1, hours=24)
    day = load.arrivals[:, _STEPS:].sum(axis=1) / 86400.0
    assert day == pytest.approx(load.windows[:, WARM_WINDOWS:].mean(axis=1), rel=0.05)


def test_history_ends_before_the_hour_that_begins_the_replay():
    assert _load().history.shape[1] == 7 * DAY_WINDOWS - WARM_WINDOWS


def test_energy_price_and_carbon_are_added_up():
    load = _load()
    found = replay(Facts(load, _grid(), 1e9), _pools(), _Nothing(), Batch(5000.0, frozenset({1})))
    free = replay(Facts(load, _grid(), 1e9), _pools(), _Nothing(), Batch(5000.0, frozenset()))
    assert found["kwh"] == pytest.approx(free["kwh"] + 5.0)
    assert found["cost_usd"] == pytest.approx(found["kwh"] * 0.1)
    assert found["gco2_kilograms"] == pytest.approx(found["kwh"] * 0.4)
    assert found["joules_per_token"] == pytest.approx(free["kwh"] * 3.6e6 / (free["mega_tokens"] * 1e6))
    assert found["over_cap_watt_seconds"] == found["changes"] == 0.0


def test_what_is_drawn_over_the_cap_is_counted_with_the_deferrable_work():
    facts = Facts(_load(), _grid(), 1.0)
    found = replay(facts, _pools(), _Nothing(), Batch(5000.0, frozenset({0})))
    assert found["over_cap_watt_seconds"] == pytest.approx(found["kwh"] * 3.6e6 - 7200.0)
    assert found["longest_over_cap_seconds"] == 7200.0


def test_too_few_replicas_are_late_and_lose_requests():
    load = _load()
    few = [Pool(kind("a"), 1), Pool(kind("b", priority=1), 10, 6.0)]
    found = replay(Facts(load, _grid(), 1e9), few, _Nothing(), Batch(0.0, frozenset()))
    assert found["late_starts_percent"] > 40.0
    assert found["lost_requests_percent"] > 20.0
    assert found["high_late_starts_percent"] == 0.0


def test_the_planner_holds_its_cap_and_serves():
    load = _load()
    found = replay(
        Facts(load, _grid(), 90_000.0), _pools(), _planned(load, 90_000.0), Batch(0.0, frozenset())
    )
    assert found["over_cap_watt_seconds"] == 0.0
    assert found["mega_tokens"] > 0.8 * load.arrivals[:, _STEPS:].sum() * kind().output_tokens / 1e6


def test_room_is_made_before_the_cap_falls():
    load = _load()
    hours = [Ahead(60_000.0, 0.1, 400.0), *[Ahead(35_000.0, 0.1, 400.0)] * 23]
    controller = Planned(load, hours, 20, Autoscaler([Scaling(1, 20)] * 2))
    batch = Batch(25_000.0, frozenset(range(1, 24)))
    found = replay(Facts(load, _grid(), 60_000.0), _pools(), controller, batch)
    assert found["over_cap_watt_seconds"] == 0.0


def test_nothing_after_a_moment_changes_what_the_planner_did_before_it():
    load = _load()
    moment = 2 * _STEPS + 37
    windows = (moment * _DT) // 600.0
    arrivals, later = load.arrivals.copy(), load.windows.copy()
    arrivals[:, moment:] *= 3.0
    later[:, int(windows) :] *= 3.0
    other = replace(load, arrivals=arrivals, windows=later)
    seen = []
    for one in (load, other):
        controller = _planned(one)
        replay(Facts(one, _grid(), 50_000.0), _pools(), controller, Batch(0.0, frozenset()))
        seen.append(controller.seen)
    assert seen[0][:moment] == seen[1][:moment]
    assert seen[0] != seen[1]
