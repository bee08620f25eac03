"""The promise: limits may sum to more than the cap, the draw stays under it, and low priority pays first."""

import numpy as np
import pytest

from common.algorithms.registry import find_algorithm
from common.replay.contenders import NO_CONTROL, PROMISED, contender
from common.replay.control import IN_BAND, RowFacts, View
from common.replay.load import HIGH, priorities
from common.replay.outcome import judge, longest_run
from common.replay.promised import PromisedControl, PromiseSettings
from common.replay.row import Limits
from common.replay.scenario import Seed, calibrate, peak
from common.replay.server import A100_SERVER
from tests.unit.replay.rows import small_scenario

SEEDS = (1, 2)


@pytest.fixture(scope="module")
def scenario():
    return calibrate(small_scenario(), SEEDS)


def named(name):
    return lambda facts: contender(name, facts)


def test_the_load_is_sized_by_the_published_peak(scenario):
    assert np.median([peak(scenario, seed) for seed in SEEDS]) == pytest.approx(0.79, abs=0.005)


@pytest.mark.parametrize("seed", SEEDS)
def test_30_percent_more_servers_keep_under_the_cap_and_high_priority_does_not_notice(scenario, seed):
    replays = Seed(scenario, seed)
    free, promised = (replays.outcome(52, named(name)) for name in (NO_CONTROL, PROMISED))
    assert free.overload_watt_seconds > 0
    assert promised.overload_watt_seconds == 0
    assert promised.acceptable
    assert promised.megajoules < free.megajoules


def test_limits_that_sum_to_the_cap_cost_high_priority_what_the_promise_does_not(scenario):
    replays = Seed(scenario, 1)
    books, promised = (replays.outcome(50, named(name)) for name in ("water-filling", PROMISED))
    assert books.high_p50_percent > 1 > promised.high_p50_percent


def decided(draw, servers=4, settings=None, cap=None):
    facts = RowFacts(A100_SERVER, priorities(servers), cap or servers * 4600.0)
    control = PromisedControl(
        facts, find_algorithm("water-filling"), {}, IN_BAND, settings or PromiseSettings(first_rise_share=0.1)
    )
    command = control.decide(View(100.0, np.array(draw, dtype=float), Limits.none(servers)))
    return command.limits.watts if command else None


def test_who_fits_under_the_threshold_keeps_its_nameplate():
    limits = decided([3000.0] * 4)
    assert limits is None or (limits == 5700.0).all()


def test_low_priority_is_limited_first_and_evenly():
    limits = decided([4600.0] * 4)
    high = priorities(4) == HIGH
    assert (limits[high] == 5700.0).all()
    assert len(set(limits[~high].tolist())) == 1
    assert limits[~high][0] < 4600.0
    assert limits.sum() > 4 * 4600.0 * 0.9


def test_rises_that_were_seen_lower_the_threshold():
    facts = RowFacts(A100_SERVER, priorities(2), 10_000.0)
    settings = PromiseSettings(first_rise_share=0.0)
    control = PromisedControl(facts, find_algorithm("water-filling"), {}, IN_BAND, settings)
    assert control.threshold_watts == 10_000.0
    random = np.random.default_rng(1)
    for second in range(600):
        control.observe(float(second), random.uniform(2000.0, 2500.0, 2))
    assert 10_000.0 - 1500.0 < control.threshold_watts < 9_700.0


def test_the_longest_run_is_found():
    flags = np.array([1, 1, 0, 1, 1, 1, 0, 1], dtype=bool)
    assert longest_run(flags) == 3
    assert longest_run(np.zeros(3, dtype=bool)) == 0


def test_a_request_that_is_no_longer_done_counts_as_the_slowest(scenario):
    replays = Seed(scenario, 1)
    _, free = replays.free(40)
    never = np.where(free.priority == HIGH, np.nan, free.latency)
    halted = free.__class__(**{**vars(free), "latency": never})
    assert judge(halted, free, scenario.cap_watts).high_p50_percent == np.inf
