"""Statistics of rises: quantiles hold on fresh samples, bounds are exact, promises follow."""

import numpy as np
import pytest

from common.models.oversubscription import (
    DrawWindow,
    breach_rate_bound,
    derive_promise,
    highest_within,
    rises_within,
    upper_quantile,
)

DISTRIBUTIONS = {
    "exponential": lambda random, n: random.exponential(100.0, n),
    "normal": lambda random, n: np.abs(random.normal(0.0, 100.0, n)),
    "lognormal": lambda random, n: random.lognormal(3.0, 0.6, n),
    "uniform": lambda random, n: random.uniform(0.0, 100.0, n),
}


def test_rises_look_ahead_as_far_as_the_latency():
    watts = np.array([10.0, 12.0, 9.0, 15.0, 1.0])
    assert rises_within(watts, 1).tolist() == [2.0, 0.0, 6.0, 0.0]
    assert rises_within(watts, 2).tolist() == [2.0, 3.0, 6.0]
    assert highest_within(watts, 2).tolist() == [12.0, 15.0, 15.0]
    assert rises_within(watts, 5).size == 0


def test_rises_from_the_lowest_draws_can_be_left_out():
    watts = np.array([1.0, 9.0, 10.0, 11.0, 1.0, 9.0])
    assert rises_within(watts, 1, lowest_start=0.5).tolist() == [1.0, 1.0, 0.0]


def test_gaps_are_not_guessed():
    watts = np.array([10.0, np.nan, 9.0, 15.0])
    assert rises_within(watts, 1).tolist() == [6.0]


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@pytest.mark.parametrize("probability", [0.05, 0.01, 0.001, 0.0001])
def test_what_was_not_seen_yet_is_bounded_too(kind, probability):
    """On the median of 20 samples of 2,000 the true rate of exceeding is at most twice what was asked for."""
    random = np.random.default_rng(7)
    judge = DISTRIBUTIONS[kind](random, 400_000)
    bounds = [upper_quantile(DISTRIBUTIONS[kind](random, 2000), probability) for _ in range(20)]
    assert np.mean(judge > np.median(bounds)) <= 2 * probability


def test_a_tail_is_never_taken_to_end():
    random = np.random.default_rng(3)
    samples = random.uniform(0.0, 100.0, 1000)
    assert upper_quantile(samples, 1e-5) > 100.0


@pytest.mark.parametrize(
    ("breaches", "trials", "bound"),
    [(0, 100, 0.0295), (0, 1000, 0.002991), (1, 100, 0.0466), (5, 50, 0.1991), (3, 3, 1.0), (0, 0, 1.0)],
)
def test_the_bound_on_a_counted_rate_is_exact(breaches, trials, bound):
    assert breach_rate_bound(breaches, trials) == pytest.approx(bound, rel=0.01)


def noisy(count, seed, level=600.0):
    """A draw that returns to its mean."""
    random = np.random.default_rng(seed)
    watts, value = [], 0.0
    for step in random.normal(0.0, 10.0, count).tolist():
        value = 0.95 * value + step
        watts.append(level + value)
    return np.array(watts)


def promise(watts, probability=0.01, cap=1000.0, nameplate=1000.0):
    return derive_promise(watts, 3, probability, cap_watts=cap, nameplate_watts=nameplate)


def test_throttled_at_the_threshold_the_cap_is_passed_as_rarely_as_promised():
    learned = promise(noisy(5000, 1))
    breaches = trials = 0
    for seed in range(2, 12):
        rises = rises_within(noisy(4000, seed), 3)[::4]
        breaches += int((rises > 1000.0 - learned.threshold_watts).sum())
        trials += len(rises)
    assert breaches / trials <= 0.015
    assert breach_rate_bound(breaches, trials) <= 0.02


def test_more_may_be_promised_the_less_is_drawn():
    low, high = promise(noisy(3000, 1, level=400.0)), promise(noisy(3000, 1, level=800.0))
    assert low.additional_watts > high.additional_watts > 0
    assert low.rise_watts == pytest.approx(high.rise_watts)


def test_rarer_breaches_allow_less():
    often, seldom = promise(noisy(3000, 1), 0.01), promise(noisy(3000, 1), 0.0001)
    assert seldom.additional_watts < often.additional_watts
    assert seldom.threshold_watts < often.threshold_watts


def test_a_full_cap_promises_nothing_and_silence_knows_nothing():
    assert promise(np.full(1000, 1000.0)).additional_watts == 0
    assert promise(np.full(3, np.nan)) is None
    assert promise(np.zeros(0)) is None


def test_a_window_keeps_the_highest_of_each_step_and_its_gaps():
    window = DrawWindow(5.0, 50.0)
    assert window.watts.size == 0
    for at, watts in [(0, 10), (2, 14), (4, 12), (15, 20), (14, 30)]:
        window.observe(float(at), float(watts))
    assert window.watts[0] == 14
    assert np.isnan(window.watts[1:3]).all()
    assert window.watts[3] == 30
    window.observe(500.0, 1.0)
    assert window.watts.tolist() == [1.0]
