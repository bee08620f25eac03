"""Recorded carbon intensities and prices as whole UTC days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.registry import Skipped
from common.grid.csv_file import read_points
from common.models.dayahead import DayAheadSettings, HourlyDays

_NAME = re.compile(r"(?P<signal>carbon|price)_(?P<zone>.+)_(?P<year>\d{4})\.csv")
_FIT_YEARS = 2


@dataclass(frozen=True)
class ZoneSeries:
    """One series of one zone.

    Attributes:
        zone: As in the file's name.
        days: The years that are fitted, and after them the one that is tested.
        fit_days: How many of the days are fitted.
    """

    zone: str
    days: HourlyDays
    fit_days: int


def load(folder: Path, signal: str, column: str, test_year: int) -> list[ZoneSeries]:
    """Returns the series of every zone that has a test year and enough before it.

    Args:
        folder: With files ``<signal>_<zone>_<year>.csv``.
        signal: ``carbon`` or ``price``.
        column: Of the files.
        test_year: The year that is tested, or 0 for the last one of each zone.

    Raises:
        Skipped: No zone has them.
    """
    found: dict[str, dict[int, Path]] = {}
    for path, match in _matches(folder, signal):
        found.setdefault(match["zone"], {})[int(match["year"])] = path
    series = [_join(zone, years, column, test_year or max(years)) for zone, years in sorted(found.items())]
    usable = [each for each in series if each is not None]
    if not usable:
        raise Skipped(f"needs {signal}_<zone>_<year>.csv of two years under {folder}: pass --data")
    return usable


def _matches(folder: Path, signal: str) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in sorted(folder.glob(f"{signal}_*.csv")):
        match = _NAME.fullmatch(path.name)
        if match:
            yield path, match


def _join(zone: str, years: dict[int, Path], column: str, test_year: int) -> ZoneSeries | None:
    fitted = [year for year in sorted(years) if year < test_year][-_FIT_YEARS:]
    if test_year not in years or not fitted:
        return None
    points = [point for year in (*fitted, test_year) for point in read_points(years[year], column)]
    days = HourlyDays.from_points(points)
    fit_days = days.row_of(date(test_year, 1, 1))
    return ZoneSeries(zone, days, fit_days) if fit_days >= DayAheadSettings().least_days else None
