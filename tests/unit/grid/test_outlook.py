"""The next hours: what a source tells, filled up with a forecast."""

import math
from datetime import UTC, datetime, timedelta

from common.grid.outlook import filled, hour_of, hourly_values
from common.grid.series import GridPoint, GridSeries, Signal

START = datetime(2026, 1, 1, tzinfo=UTC)


def series(*points):
    made = tuple(
        GridPoint(START + timedelta(minutes=minute), 60.0 * minutes, value)
        for minute, minutes, value in points
    )
    return GridSeries(Signal.PRICE, "EUR/MWh", "DE", "test", made)


def test_quarters_are_averaged_by_how_long_they_hold_within_the_hour():
    told = series((0, 15, 10.0), (15, 30, 20.0), (45, 30, 40.0))
    assert hourly_values(told, START, 2) == [(10 + 2 * 20 + 40) / 4, 40.0]


def test_an_hour_without_any_point_is_unknown_and_is_taken_from_the_forecast():
    told = hourly_values(series((0, 60, 5.0)), START, 3)
    assert math.isnan(told[1])
    assert filled(told, START, [9.0, 8.0], START + timedelta(hours=1)) == [5.0, 9.0, 8.0]


def test_what_neither_knows_stays_unknown():
    told = filled([math.nan, math.nan], START, [1.0], START + timedelta(hours=1))
    assert math.isnan(told[0])
    assert told[1] == 1.0


def test_the_hour_of_an_instant():
    assert hour_of(START + timedelta(minutes=59, seconds=59)) == START
