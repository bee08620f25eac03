"""The hours from now on, in the middle of a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from common.models.dayahead.forecaster import DayAheadForecast, DayAheadForecaster
from common.models.dayahead.hourly import HourlyDays
from common.models.dayahead.settings import DAY_HOURS

_HOUR = timedelta(hours=1)


def hours_ahead(
    forecaster: DayAheadForecaster, history: HourlyDays, now: datetime, hours: int
) -> DayAheadForecast:
    """Returns the next hours, the present one first: the rest of today as forecast last night, then tomorrow.

    Tomorrow is forecast from what is known of today so far; the hours still to come count as usual ones.
    What the history tells after the present hour is not looked at.

    Args:
        forecaster: Fitted on an earlier part of the series.
        history: Up to now, or beyond.
        now: In UTC.
        hours: How many; at most to the end of tomorrow.

    Raises:
        ValueError: More hours are asked for than that.
    """
    most = 2 * DAY_HOURS - now.hour
    if not 1 <= hours <= most:
        raise ValueError(f"{hours} hours ahead of {now:%H:%M} UTC cannot be told; ask for 1 to {most}")
    today = forecaster.forecast(history.until(now.date() - timedelta(days=1)))
    so_far = history.until(now.date())
    so_far.values[-1, now.hour + 1 :] = np.nan
    tomorrow = forecaster.forecast(so_far)
    rows = slice(now.hour, now.hour + hours)
    parts = (
        np.concatenate([getattr(today, part), getattr(tomorrow, part)])[rows]
        for part in ("median", "lower", "upper", "relative")
    )
    return DayAheadForecast(today.start + now.hour * _HOUR, *parts)
