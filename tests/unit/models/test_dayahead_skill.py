"""On series with lasting weather the forecasts beat the naive ones, and the bounds hold what they promise."""

from datetime import date

import numpy as np
import pytest

from common.models.dayahead import (
    DayAheadForecaster,
    HourlyDays,
    coverage_percent,
    mape_percent,
    mean_absolute_error,
    persistence,
    weekly_naive,
)

FIRST = date(2021, 1, 1)
FIT = 400


def weather_series(seed, days=600):
    random = np.random.default_rng(seed)
    noise = random.standard_normal(24 * days) * 0.08
    weather = np.zeros(24 * days)
    for hour in range(1, weather.size):
        weather[hour] = 0.96 * weather[hour - 1] + noise[hour]
    day = np.tile(0.3 * np.sin(2 * np.pi * np.arange(24) / 24), days)
    weekend = 0.2 * np.repeat((np.arange(days) + 4) % 7 >= 5, 24)
    return (150 * np.exp(day - weekend + weather)).reshape(days, 24)


@pytest.fixture(scope="module", params=[1, 2])
def tested(request):
    values = weather_series(request.param)
    forecaster = DayAheadForecaster(HourlyDays(FIRST, values[:FIT]))
    replay = forecaster.replay(HourlyDays(FIRST, values))
    rows = slice(FIT - 1, None)
    naive = persistence(values)[rows], weekly_naive(values)[rows]
    return replay, rows, values[FIT:], naive


def test_errors_are_a_tenth_under_those_of_persistence_and_weekly_naive(tested):
    replay, rows, actual, naive = tested
    for other in naive:
        assert mean_absolute_error(replay.median[rows], actual) < 0.9 * mean_absolute_error(other, actual)


def test_nine_tenths_of_the_hours_lie_between_the_bounds(tested):
    replay, rows, actual, _ = tested
    assert 85 <= coverage_percent(replay.lower[rows], replay.upper[rows], actual) <= 95


def test_the_relative_value_errs_less_in_percent_than_the_median(tested):
    replay, rows, actual, _ = tested
    assert mape_percent(replay.relative[rows], actual) < mape_percent(replay.median[rows], actual)


def test_bounds_widen_when_the_series_becomes_wilder():
    values = weather_series(3)
    wild = values.copy()
    wild[FIT:] = 150 * (wild[FIT:] / 150) ** 2.5
    forecaster = DayAheadForecaster(HourlyDays(FIRST, values[:FIT]))
    replay = forecaster.replay(HourlyDays(FIRST, wild))
    late = slice(FIT + 40, None)
    inside = coverage_percent(replay.lower[late], replay.upper[late], wild[FIT + 41 :])
    assert inside > 80
