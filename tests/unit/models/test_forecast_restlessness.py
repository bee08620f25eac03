"""Bounds follow how restless a series is, and how large it is once it has left all that was seen."""

import numpy as np
import pytest

from common.models.forecast.levels import Smoothers
from common.models.forecast.scores import coverage_percent
from tests.unit.models.series import DAY, daily, replay, scored

HALF_LIVES = (2.0, 24.0)


def steps_with_gaps(seed):
    logs = np.cumsum(np.random.default_rng(seed).normal(0, 0.1, (2, 60)), axis=1)
    logs[0, 20:23] = logs[1, 5] = np.nan
    filled = logs.copy()
    for time in range(1, 60):
        filled[:, time] = np.where(np.isnan(logs[:, time]), filled[:, time - 1], logs[:, time])
    return logs, filled


def test_levels_and_swings_are_the_same_at_once_and_one_by_one():
    logs, filled = steps_with_gaps(31)
    levels, swings = Smoothers(2, HALF_LIVES, 6.0).take_all(logs, filled)
    stepwise = Smoothers(2, HALF_LIVES, 6.0)
    stepwise.take(logs[:, 0], np.full(2, np.nan))
    for time in range(1, 60):
        stepwise.take(logs[:, time], filled[:, time - 1])
        present, swing = stepwise.present
        assert present == pytest.approx(levels[:, :, time])
        assert swing == pytest.approx(swings[:, time], nan_ok=True)


def test_a_swing_is_the_mean_absolute_step_and_a_gap_leaves_it_as_it_was():
    logs = np.tile([0.0, 0.2], 30)[None]
    _, swings = Smoothers(1, HALF_LIVES, 6.0).take_all(logs, logs)
    assert swings[0, -1] == pytest.approx(0.2)
    with_gap = logs.copy()
    with_gap[0, 30] = np.nan
    filled = np.where(np.isnan(with_gap), 0.2, with_gap)
    _, swings = Smoothers(1, HALF_LIVES, 6.0).take_all(with_gap, filled)
    assert swings[0, 30] == pytest.approx(swings[0, 29])


def restless_half(seed):
    """Returns a load of one level whose noise is five times as large in every second half day."""
    rng = np.random.default_rng(seed)
    restless = np.arange(14 * DAY) % DAY >= DAY // 2
    return 100 * np.exp(rng.normal(0, np.where(restless, 0.25, 0.05))), restless


def test_bounds_are_wider_in_restless_hours():
    series = [restless_half(seed) for seed in range(6)]
    values, fit = np.stack([value for value, _ in series]), 7 * DAY
    upper, actual = scored(replay(values, fit), values, fit, 0, "upper")
    late = series[0][1][fit:] & (np.arange(fit, 14 * DAY) % DAY >= DAY - 6)
    calm = np.arange(fit, 14 * DAY) % DAY == DAY // 2 - 1
    assert upper[:, late].mean() > 1.1 * upper[:, calm].mean()
    assert coverage_percent(upper, actual) > 97.5


def test_bounds_grow_with_a_level_that_was_never_seen_before():
    values, fit = np.stack([daily(10, seed=seed, amplitude=0.2) for seed in range(5, 10)]), 7 * DAY
    values[:, fit:] *= 4
    upper, actual = scored(replay(values, fit), values, fit, 0, "upper")
    assert coverage_percent(upper[:, 1:], actual[:, 1:]) > 90
