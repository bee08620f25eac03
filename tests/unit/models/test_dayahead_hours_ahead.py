"""In the middle of a day the next hours are the rest of today and then tomorrow."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from common.models.dayahead import DayAheadForecaster, DayAheadSettings, HourlyDays, hours_ahead

FIRST = date(2026, 1, 1)
NOW = datetime(2026, 4, 20, 15, 40, tzinfo=UTC)
ROW = (NOW.date() - FIRST).days


@pytest.fixture(scope="module")
def known():
    random = np.random.default_rng(7)
    shape = 100 + 20 * np.sin(np.arange(24) * np.pi / 12)
    values = shape + 5 * random.standard_normal((130, 24))
    forecaster = DayAheadForecaster(HourlyDays(FIRST, values[:90]), DayAheadSettings(profile_days=(7,)))
    return forecaster, values


def test_the_rest_of_today_is_what_was_forecast_last_night(known):
    forecaster, values = known
    days = HourlyDays(FIRST, values)
    ahead = hours_ahead(forecaster, days, NOW, 9)
    last_night = forecaster.forecast(HourlyDays(FIRST, values[:ROW]))
    assert ahead.start == NOW.replace(minute=0)
    np.testing.assert_array_equal(ahead.median, last_night.median[15:])


def test_what_comes_after_the_present_hour_is_not_looked_at(known):
    forecaster, values = known
    changed = values.copy()
    changed[ROW, 16:] = 1e6
    changed[ROW + 1 :] = np.nan
    before = hours_ahead(forecaster, HourlyDays(FIRST, values), NOW, 33)
    after = hours_ahead(forecaster, HourlyDays(FIRST, changed), NOW, 33)
    for part in ("median", "lower", "upper", "relative"):
        np.testing.assert_array_equal(getattr(before, part), getattr(after, part))


def test_the_present_hour_counts_for_tomorrow(known):
    forecaster, values = known
    changed = values.copy()
    changed[ROW, 15] = 400.0
    before = hours_ahead(forecaster, HourlyDays(FIRST, values), NOW, 33)
    after = hours_ahead(forecaster, HourlyDays(FIRST, changed), NOW, 33)
    assert (before.median[9:] != after.median[9:]).any()


def test_the_history_is_left_as_it_was(known):
    forecaster, values = known
    untouched = values.copy()
    hours_ahead(forecaster, HourlyDays(FIRST, values), NOW, 33)
    np.testing.assert_array_equal(values, untouched)


@pytest.mark.parametrize("row", [ROW, ROW - 5], ids=["ends yesterday", "ends days ago"])
def test_a_history_that_ends_early_still_gives_the_hours_from_now_on(known, row):
    forecaster, values = known
    ahead = hours_ahead(forecaster, HourlyDays(FIRST, values[:row]), NOW, 33)
    assert ahead.start == NOW.replace(minute=0)
    assert np.isfinite(ahead.median).all()


@pytest.mark.parametrize("hours", [0, 34])
def test_hours_beyond_tomorrow_are_refused(known, hours):
    forecaster, values = known
    with pytest.raises(ValueError, match="ask for 1 to 33"):
        hours_ahead(forecaster, HourlyDays(FIRST, values), NOW, hours)
