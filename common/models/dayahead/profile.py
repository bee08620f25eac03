"""The usual day: trailing means of each hour, from the past alone."""

from __future__ import annotations

import numpy as np

from common.models.dayahead.hourly import Floats


def trailing_profile(values: Floats, days: int) -> Floats:
    """Returns for each day the mean of each hour over that day and those before it.

    Args:
        values: Shape (days, 24); NaN where nothing is known.
        days: Length of the window, the day itself included.

    Returns:
        Shape (days, 24). An hour unknown in the whole window takes the mean of the window's other hours; a
        window without any value takes the profile of the day before it, and before the first value 0.
    """
    known = np.isfinite(values)
    sums = _windowed(np.where(known, values, 0.0), days)
    counts = _windowed(known.astype(np.float64), days)
    profile = np.full(values.shape, np.nan)
    np.divide(sums, counts, out=profile, where=counts > 0)
    totals, numbers = sums.sum(axis=1), counts.sum(axis=1)
    level = np.full(len(values), np.nan)
    np.divide(totals, numbers, out=level, where=numbers > 0)
    profile = np.where(np.isnan(profile), level[:, None], profile)
    return _carried_forward(profile)


def _windowed(values: Floats, days: int) -> Floats:
    """Sums over trailing windows; each row is summed anew, so that none carries rounding of another."""
    sums = np.zeros_like(values)
    for lag in range(min(days, len(values))):
        sums[lag:] += values[: len(values) - lag]
    return sums


def _carried_forward(profile: Floats) -> Floats:
    rows = np.where(np.isfinite(profile[:, 0]), np.arange(len(profile)), -1)
    last = np.maximum.accumulate(rows) if len(rows) else rows
    return np.where(last[:, None] >= 0, profile[last], 0.0)
