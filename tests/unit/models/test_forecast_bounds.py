"""Upper bounds are exceeded about as often as they say, also when the series changes its manners."""

import numpy as np
import pytest

from common.models.forecast.calibration import BoundOffset, ExpertTrust
from common.models.forecast.scores import coverage_percent, skill, wape_percent
from tests.unit.models.series import DAY, daily, replay, scored


def test_bounds_cover_what_they_promise():
    values, fit = np.stack([daily(24, seed=seed) for seed in range(6)]), 14 * DAY
    forecasts = replay(values, fit)
    for row in range(3):
        upper, actual = scored(forecasts, values, fit, row, "upper")
        assert 97.5 <= coverage_percent(upper, actual) <= 100
        assert upper.mean() / actual.mean() < 1.6


def test_the_bound_is_never_under_the_median():
    values = daily(10, seed=21)[None]
    assert all((each.upper >= each.median).all() for each in replay(values, 7 * DAY))


def test_recalibration_follows_scores_that_grow():
    rng = np.random.default_rng(22)
    offset = BoundOffset(rng.normal(0, 1, (1, 200)), share=0.9, rate=0.3)
    exceeded = []
    for score in rng.normal(5, 2, 4000):
        exceeded.append(score > offset.offsets[0])
        offset.learn(np.array([score]))
    assert np.mean(exceeded[500:]) == pytest.approx(0.1, abs=0.02)


def test_recalibration_waits_out_gaps():
    offset = BoundOffset(np.arange(100.0)[None], share=0.9, rate=0.3)
    before = offset.offsets.copy()
    offset.learn(np.array([np.nan]))
    assert offset.offsets == pytest.approx(before)


def test_trust_moves_to_the_expert_that_is_right_now():
    trust = ExpertTrust(np.array([[0.1], [0.2]]), half_life=10, sharpness=10)
    assert trust.weights[0, 0] > 0.9
    for _ in range(100):
        trust.learn(np.array([[0.3], [0.1]]))
    assert trust.weights[1, 0] > 0.9
    assert trust.weights.sum() == pytest.approx(1)


def test_scores_leave_gaps_out():
    actual = np.array([100.0, np.nan, 100.0])
    assert wape_percent(np.array([90.0, 5.0, 110.0]), actual) == pytest.approx(10)
    assert coverage_percent(np.array([90.0, 5.0, 110.0]), actual) == pytest.approx(50)
    assert skill(np.array([95.0, 5.0, 105.0]), np.array([90.0, 5.0, 110.0]), actual) == pytest.approx(0.5)
