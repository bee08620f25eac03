"""The next hours as numbers: what the source tells, and the day-ahead forecast where it tells nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from common.grid.series import GridSeries

_HOUR = timedelta(hours=1)


def hour_of(instant: datetime) -> datetime:
    """Returns the start of the hour that an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def hourly_values(series: GridSeries, start: datetime, hours: int) -> list[float]:
    """Returns the mean of each hour from ``start`` on, weighted by time; NaN where nothing is told."""
    return [_mean(series, start + place * _HOUR) for place in range(hours)]


def filled(
    told: Sequence[float], start: datetime, forecast: Sequence[float], forecast_start: datetime
) -> list[float]:
    """Returns the told values, and those of a forecast where they are NaN.

    Args:
        told: One value per hour from ``start`` on.
        start: First hour of ``told``.
        forecast: One value per hour from ``forecast_start`` on.
        forecast_start: First hour of ``forecast``.
    """
    offset = round((start - forecast_start) / _HOUR)
    return [
        value if math.isfinite(value) or not 0 <= offset + place < len(forecast) else forecast[offset + place]
        for place, value in enumerate(told)
    ]


def _mean(series: GridSeries, hour: datetime) -> float:
    end = hour + _HOUR
    weights = [
        (min(point.end, end) - max(point.start, hour), point.value) for point in series.between(hour, end)
    ]
    covered = sum((share for share, _ in weights), timedelta())
    return sum((share / covered) * value for share, value in weights) if covered else math.nan
