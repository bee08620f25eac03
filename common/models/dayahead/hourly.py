"""An hourly series as whole UTC days: no hour is missing or doubled when local clocks change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from common.models.dayahead.settings import DAY_HOURS

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class HourlyDays:
    """Hourly values in whole UTC days.

    Attributes:
        first_day: The day of the first row.
        values: Shape (days, 24), hour 0 being 00:00 to 01:00 UTC; NaN where nothing is known.
    """

    first_day: date
    values: Floats

    def __post_init__(self) -> None:
        """Refuses what is not a table of days.

        Raises:
            ValueError: The values are not of shape (days, 24).
        """
        if self.values.ndim != 2 or self.values.shape[1] != DAY_HOURS:
            raise ValueError(f"values must have shape (days, {DAY_HOURS}), not {self.values.shape}")

    @classmethod
    def from_points(cls, points: Iterable[tuple[datetime, float]]) -> HourlyDays:
        """Lays aware timestamps of any zone out as UTC days; several values in one hour are averaged.

        Raises:
            ValueError: A timestamp has no zone, or there is no finite value at all.
        """
        hours, values = _finite(points)
        first = int(hours.min()) // DAY_HOURS
        days = int(hours.max()) // DAY_HOURS - first + 1
        places = hours - first * DAY_HOURS
        sums = np.bincount(places, weights=values, minlength=days * DAY_HOURS)
        counts = np.bincount(places, minlength=days * DAY_HOURS)
        table = np.full(days * DAY_HOURS, np.nan)
        np.divide(sums, counts, out=table, where=counts > 0)
        return cls(date(1970, 1, 1) + timedelta(days=first), table.reshape(days, DAY_HOURS))

    def until(self, day: date) -> HourlyDays:
        """Returns what is known at the end of a day: all days up to it, NaN where nothing is told of them."""
        rows = max(0, self.row_of(day) + 1)
        beyond = np.full((max(0, rows - len(self.values)), DAY_HOURS), np.nan)
        return HourlyDays(self.first_day, np.vstack([self.values[:rows], beyond]))

    def row_of(self, day: date) -> int:
        """Returns the row of a day, which may lie outside the table."""
        return (day - self.first_day).days

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Returns the weekday of each row, Monday being 0."""
        return (np.arange(len(self.values)) + self.first_day.weekday()) % 7

    @property
    def next_start(self) -> datetime:
        """Returns the first hour after the table: where a day-ahead forecast begins."""
        day = self.first_day + timedelta(days=len(self.values))
        return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _finite(points: Iterable[tuple[datetime, float]]) -> tuple[NDArray[np.int64], Floats]:
    hours, values = [], []
    for time, value in points:
        if time.tzinfo is None:
            raise ValueError(f"the timestamp {time.isoformat()} has no zone; state UTC or an offset")
        if np.isfinite(value):
            hours.append(int(time.timestamp() // 3600))
            values.append(value)
    if not hours:
        raise ValueError("the series has no finite value")
    return np.array(hours), np.array(values, dtype=np.float64)
