"""What is known at the end of a day about the next one, as deviations from the usual day."""

from __future__ import annotations

import numpy as np

from common.models.dayahead.hourly import Floats, HourlyDays
from common.models.dayahead.settings import DAY_HOURS

_RECENT_HOURS = (1, 3, 6, 12)
_YEAR_DAYS = 365.25


def design(days: HourlyDays, transformed: Floats, profile: Floats) -> Floats:
    """Returns one row of features per day, each made of that day and those before it.

    The day's 24 deviations from its profile; their mean over its last hours, where weather that lasts into
    the next day shows; the means of the day before and of the weekday to come; that weekday; the season.
    Unknown hours count as usual ones.

    Args:
        days: Where the rows stand in the calendar.
        transformed: Values on the transformed scale, shape (days, 24).
        profile: The usual day at each row, shape (days, 24).

    Returns:
        Shape (days, features).
    """
    deviation = np.nan_to_num(transformed - profile, nan=0.0)
    recent = [deviation[:, DAY_HOURS - hours :].mean(axis=1) for hours in _RECENT_HOURS]
    mean = deviation.mean(axis=1)
    weekday = np.eye(7)[(days.weekdays + 1) % 7]
    return np.column_stack([deviation, *recent, _lagged(mean, 1), _lagged(mean, 6), weekday, _season(days)])


def _lagged(values: Floats, rows: int) -> Floats:
    shifted = np.zeros_like(values)
    shifted[rows:] = values[: max(0, len(values) - rows)]
    return shifted


def _season(days: HourlyDays) -> Floats:
    angle = 2 * np.pi * (np.arange(len(days.values)) + days.first_day.toordinal()) / _YEAR_DAYS
    return np.column_stack([np.sin(angle), np.cos(angle)])
