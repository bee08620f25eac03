"""The forecasts that any other has to beat."""

from __future__ import annotations

import numpy as np

from common.models.dayahead.hourly import Floats

WEEK_DAYS = 7


def persistence(values: Floats) -> Floats:
    """Returns for each day but the first the same hour of the day before, shape (days - 1, 24)."""
    return values[:-1]


def weekly_naive(values: Floats) -> Floats:
    """Returns for each day but the first the same hour a week before, NaN where there is none."""
    before = np.full_like(values, np.nan)
    before[WEEK_DAYS:] = values[:-WEEK_DAYS]
    return before[1:]
