"""Points in any zone become whole UTC days, also where local clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from common.models.dayahead import (
    DayAheadSettings,
    HourlyDays,
    mape_percent,
    mean_absolute_error,
    weekly_naive,
)


@pytest.mark.parametrize(
    "zone",
    [ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kolkata"), UTC],
    ids=str,
)
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8)], ids=str)
def test_no_hour_is_missing_or_doubled_when_clocks_change(zone, day):
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    points = [((start + timedelta(hours=hour)).astimezone(zone), float(hour)) for hour in range(72)]
    days = HourlyDays.from_points(points)
    assert days.first_day == day - timedelta(days=1)
    np.testing.assert_array_equal(days.values.ravel(), np.arange(72.0))


def test_quarters_are_averaged_and_gaps_are_unknown():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = [(start + timedelta(minutes=15 * quarter), float(quarter)) for quarter in range(4)]
    points += [(start + timedelta(hours=3), float("nan")), (start + timedelta(hours=25), 7.0)]
    days = HourlyDays.from_points(points)
    assert days.values.shape == (2, 24)
    assert days.values[0, 0] == 1.5
    assert np.isnan(days.values[0, 1:]).all()
    assert days.values[1, 1] == 7.0


@pytest.mark.parametrize(
    ("points", "match"),
    [
        ([(datetime(2026, 1, 1), 1.0)], "no zone"),
        ([], "no finite value"),
        ([(datetime(2026, 1, 1, tzinfo=UTC), float("inf"))], "no finite value"),
    ],
    ids=["naive", "empty", "infinite"],
)
def test_points_that_cannot_be_placed_are_refused(points, match):
    with pytest.raises(ValueError, match=match):
        HourlyDays.from_points(points)


def test_what_is_known_at_the_end_of_a_day():
    days = HourlyDays(date(2026, 1, 1), np.arange(72.0).reshape(3, 24))
    known = days.until(date(2026, 1, 2))
    assert len(known.values) == 2
    assert known.next_start == datetime(2026, 1, 3, tzinfo=UTC)
    assert list(days.weekdays) == [3, 4, 5]


def test_scores_leave_out_what_is_unknown_or_has_no_percentage():
    forecast = np.array([[2.0, 2.0, 2.0, 2.0]])
    actual = np.array([[1.0, 4.0, 0.0, np.nan]])
    assert mape_percent(forecast, actual) == pytest.approx(75.0)
    assert mean_absolute_error(forecast, actual) == pytest.approx(5 / 3)


def test_the_weekly_naive_forecast_knows_nothing_in_the_first_week():
    values = np.arange(240.0).reshape(10, 24)
    before = weekly_naive(values)
    assert np.isnan(before[:6]).all()
    np.testing.assert_array_equal(before[6:], values[:3])


@pytest.mark.parametrize(
    "bad",
    [{"profile_days": ()}, {"interval_share": 1.0}, {"ridge": 0.0}, {"folds": 1}, {"least_days": 2}],
    ids=lambda bad: next(iter(bad)),
)
def test_settings_that_no_fit_can_serve_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        DayAheadSettings(**bad)
