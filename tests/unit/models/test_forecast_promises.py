"""What a forecast may know, and what it must be good at."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.models.forecast import ForecastSettings, LoadForecaster, skill
from tests.unit.models.series import DAY, HOURLY, daily, replay, scored


@settings(max_examples=10)
@given(st.integers(8 * DAY, 10 * DAY - 2), st.floats(0.1, 10), st.integers(0, 100))
def test_changing_the_future_changes_no_forecast_made_before(cut, factor, seed):
    values = daily(10, seed=seed)[None]
    changed = values.copy()
    changed[:, cut:] *= factor
    fit = 7 * DAY
    for one, other in zip(replay(values, fit)[: cut - fit + 1], replay(changed, fit), strict=False):
        assert one.median == pytest.approx(other.median)
        assert one.upper == pytest.approx(other.upper)


def test_daily_structure_beats_persistence_at_every_horizon_beyond_one():
    values, fit = daily(12, seed=3)[None], 9 * DAY
    forecasts = replay(values, fit)
    for row in (1, 2):
        median, actual = scored(forecasts, values, fit, row)
        persistence, _ = scored(forecasts, values, fit, row, "persistence")
        seasonal, _ = scored(forecasts, values, fit, row, "seasonal")
        assert skill(median, persistence, actual) > 0.4
        assert skill(median, seasonal, actual) > -0.1


def test_a_random_walk_is_not_forecast_much_worse_than_by_persistence():
    rng = np.random.default_rng(4)
    values, fit = 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (1, 12 * DAY)), axis=1)), 9 * DAY
    forecasts = replay(values, fit)
    median, actual = scored(forecasts, values, fit, 0)
    persistence, _ = scored(forecasts, values, fit, 0, "persistence")
    assert skill(median, persistence, actual) > -0.1


def test_a_level_jump_is_followed():
    values, fit = daily(12, seed=5, amplitude=0.2)[None], 7 * DAY
    values[:, 8 * DAY :] *= 3
    forecasts = replay(values, fit)
    median, actual = scored(forecasts, values, fit, 0)
    late = slice(2 * DAY, None)
    assert np.abs(median / actual - 1)[:, late].mean() < 0.15
    upper, _ = scored(forecasts, values, fit, 0, "upper")
    assert (actual <= upper)[:, late].mean() > 0.95


def test_series_of_a_batch_do_not_touch_each_other():
    values = np.stack([daily(9, seed=6), daily(9, seed=7, level=5000.0)])
    together = replay(values, 7 * DAY)
    for row in range(2):
        alone = replay(values[row : row + 1], 7 * DAY)
        assert together[-1].median[row] == pytest.approx(alone[-1].median[0])
        assert together[-1].upper[row] == pytest.approx(alone[-1].upper[0])


def test_scale_does_not_matter():
    values = daily(9, seed=8)[None]
    one, thousand = replay(values, 7 * DAY)[-1], replay(1000 * values, 7 * DAY)[-1]
    assert thousand.median == pytest.approx(1000 * one.median)
    assert thousand.upper == pytest.approx(1000 * one.upper)


def test_the_kept_past_is_trimmed_without_changing_the_forecast():
    values = daily(30, seed=9)[None]
    forecasts = replay(values, 7 * DAY)
    median, actual = scored(forecasts, values, 7 * DAY, 1)
    assert np.abs(median / actual - 1)[:, -5 * DAY :].mean() < 0.2
    seasonal, _ = scored(forecasts, values, 7 * DAY, 1, "seasonal")
    assert seasonal[0, -1] == pytest.approx(values[0, -1 - DAY])


def test_too_short_a_history_is_refused():
    with pytest.raises(ValueError, match="at least 48 times"):
        LoadForecaster(np.ones((1, 47)), HOURLY)


@pytest.mark.parametrize("horizons", [(), (0,), (6, 1), (1, 145)])
def test_horizons_that_cannot_be_served_are_refused(horizons):
    with pytest.raises(ValueError, match="horizons must be"):
        ForecastSettings(horizons=horizons)
