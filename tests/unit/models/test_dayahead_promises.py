"""A day-ahead forecast never looks ahead, survives gaps, and keeps its bounds in order."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.models.dayahead import DayAheadForecaster, DayAheadSettings, HourlyDays

FIRST = date(2021, 1, 1)
FIT_DAYS, DAYS = 120, 160
SETTINGS = DayAheadSettings(profile_days=(7, 28))


def series(seed=0, days=DAYS, level=200.0, negative=False):
    """A daily shape, a weekly shape and weather that lasts for days."""
    random = np.random.default_rng(seed)
    hours = np.arange(24 * days)
    weather = np.zeros(hours.size)
    for hour in range(1, hours.size):
        weather[hour] = 0.97 * weather[hour - 1] + 0.05 * random.standard_normal()
    shape = 0.2 * np.sin(2 * np.pi * hours / 24) + 0.1 * ((hours // 24 + 4) % 7 < 5)
    values = level * np.exp(shape + weather) - (0.9 * level if negative else 0.0)
    return values.reshape(days, 24)


HISTORY = series()
FORECASTER = DayAheadForecaster(HourlyDays(FIRST, HISTORY[:FIT_DAYS]), SETTINGS)
PARTS = ("median", "lower", "upper", "relative")


@settings(max_examples=40)
@given(
    st.integers(2, DAYS - 2),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["noise", "huge", "gap"]),
)
def test_changing_the_future_does_not_change_a_forecast(row, seed, change):
    changed = HISTORY.copy()
    future = changed[row + 1 :]
    made = {
        "noise": np.random.default_rng(seed).normal(0, 300, future.shape),
        "huge": np.full(future.shape, 1e9),
        "gap": np.full(future.shape, np.nan),
    }
    changed[row + 1 :] = made[change]
    before = FORECASTER.replay(HourlyDays(FIRST, HISTORY))
    after = FORECASTER.replay(HourlyDays(FIRST, changed))
    for part in PARTS:
        # Row i is made at the end of day i: rows up to the changed day are the same to the last bit.
        np.testing.assert_array_equal(
            getattr(before, part)[: row + 1], getattr(after, part)[: row + 1], strict=True
        )


@pytest.mark.parametrize("row", [FIT_DAYS, FIT_DAYS + 17, DAYS - 2])
def test_a_forecast_of_one_day_is_that_of_the_replay(row):
    days = HourlyDays(FIRST, HISTORY)
    replayed = FORECASTER.replay(days)
    single = FORECASTER.forecast(days.until(FIRST + timedelta(days=row)))
    assert single.start.date() == FIRST + timedelta(days=row + 1)
    for part in PARTS:
        np.testing.assert_allclose(getattr(single, part), getattr(replayed, part)[row], rtol=1e-9)


def with_gaps(kind, values):
    holes = values.copy()
    random = np.random.default_rng(1)
    if kind == "scattered":
        holes[random.random(holes.shape) < 0.2] = np.nan
    elif kind == "last hours":
        holes[:, 20:] = np.nan
    elif kind == "an hour never known":
        holes[:, 5] = np.nan
    elif kind == "weeks":
        holes[30:60] = np.nan
    elif kind == "begins unknown":
        holes[:40] = np.nan
    return holes


@pytest.mark.parametrize(
    "kind", ["scattered", "last hours", "an hour never known", "weeks", "begins unknown"]
)
def test_gaps_leave_forecasts_finite_and_near_what_is_usual(kind):
    values = with_gaps(kind, HISTORY)
    forecaster = DayAheadForecaster(HourlyDays(FIRST, values[:FIT_DAYS]), SETTINGS)
    forecast = forecaster.replay(HourlyDays(FIRST, values))
    for part in PARTS:
        late = getattr(forecast, part)[FIT_DAYS - 1 :]
        assert np.isfinite(late).all()
        assert late.min() > 0.1 * np.nanmin(HISTORY)
        assert late.max() < 10 * np.nanmax(HISTORY)


@pytest.mark.parametrize(
    "values",
    [np.full((DAYS, 24), 42.0), np.zeros((DAYS, 24)), series(3, level=0.02), series(4, negative=True)],
    ids=["constant", "all zero", "tiny", "partly negative"],
)
def test_odd_series_give_ordered_finite_bounds(values):
    forecaster = DayAheadForecaster(HourlyDays(FIRST, values[:FIT_DAYS]), SETTINGS)
    forecast = forecaster.replay(HourlyDays(FIRST, values))
    assert np.isfinite(forecast.median).all()
    assert (forecast.lower <= forecast.median).all()
    assert (forecast.median <= forecast.upper).all()


def test_a_constant_series_is_forecast_as_it_is():
    values = np.full((DAYS, 24), 42.0)
    forecaster = DayAheadForecaster(HourlyDays(FIRST, values[:FIT_DAYS]), SETTINGS)
    np.testing.assert_allclose(forecaster.replay(HourlyDays(FIRST, values)).median, 42.0, rtol=1e-6)


def test_what_was_never_negative_is_not_forecast_to_be():
    values = HISTORY.copy()
    values[FIT_DAYS:] *= np.linspace(1, 1e-4, DAYS - FIT_DAYS)[:, None]
    assert FORECASTER.replay(HourlyDays(FIRST, values)).lower.min() >= 0


@pytest.mark.parametrize("days", [0, 10, 59])
def test_a_short_history_is_refused(days):
    with pytest.raises(ValueError, match="use persistence"):
        DayAheadForecaster(HourlyDays(FIRST, HISTORY[:days]))


def test_a_history_without_values_is_refused():
    with pytest.raises(ValueError, match="values in them"):
        DayAheadForecaster(HourlyDays(FIRST, np.full((100, 24), np.nan)))
