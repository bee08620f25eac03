"""Price and carbon intensity of a recorded day, and what was forecast of them the evening before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.grid.data import ZoneSeries, load
from common.models.dayahead import DayAheadForecaster, DayAheadSettings, HourlyDays
from common.models.dayahead.hourly import Floats

_CARBON, _PRICE = "direct_gco2_per_kwh", "usd_per_mwh"
_SETTINGS = DayAheadSettings(folds=2)
"""Medians do not depend on the folds, and bounds are not looked at here."""


@dataclass(frozen=True)
class GridDay:
    """24 hours of one zone.

    Attributes:
        zone: Its name.
        day: Which day (UTC).
        usd_per_mwh: As it came, shape (24,).
        gco2_per_kwh: As it came.
        expected_usd_per_mwh: Forecast at the end of the day before.
        expected_gco2_per_kwh: Likewise.
    """

    zone: str
    day: date
    usd_per_mwh: Floats
    gco2_per_kwh: Floats
    expected_usd_per_mwh: Floats
    expected_gco2_per_kwh: Floats


class Grid:
    """Zones with price and carbon; forecasters are fitted on the years before the last one."""

    def __init__(self, folder: Path) -> None:
        prices, carbon = (
            {one.zone: one for one in load(folder / "grid", signal, column, 0)}
            for signal, column in (("price", _PRICE), ("carbon", _CARBON))
        )
        self._series = {zone: (prices[zone], carbon[zone]) for zone in sorted(prices.keys() & carbon.keys())}
        self._forecaster = cache(self._fit)

    def draw(self, random: np.random.Generator) -> GridDay:
        """Returns a day of the last year that is known whole, in a zone, both drawn at random."""
        zone = str(random.choice(sorted(self._series)))
        price, carbon = self._series[zone]
        while True:
            row = int(random.integers(price.fit_days, len(price.days.values)))
            day = price.days.first_day + timedelta(days=row)
            parts = [_on(price, day), _on(carbon, day)]
            if all(len(part) and np.isfinite(part).all() for part in parts):
                expected = [self._expected(zone, which, day) for which in (0, 1)]
                return GridDay(zone, day, *parts, *expected)

    def _expected(self, zone: str, which: int, day: date) -> Floats:
        days = self._series[zone][which].days.until(day - timedelta(days=1))
        return self._forecaster(zone, which).forecast(days).median

    def _fit(self, zone: str, which: int) -> DayAheadForecaster:
        series = self._series[zone][which]
        fitted = HourlyDays(series.days.first_day, series.days.values[: series.fit_days])
        return DayAheadForecaster(fitted, _SETTINGS)


def _on(series: ZoneSeries, day: date) -> Floats:
    row = series.days.row_of(day)
    return series.days.values[row] if 0 <= row < len(series.days.values) else np.zeros(0)
