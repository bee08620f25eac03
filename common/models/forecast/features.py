"""What the regression looks at, all of it relative to the present value and known at the origin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_WEEK_DAYS = 7
_HARMONICS = (1, 2)


def regression_features(levels: Array, change: Array, week_change: Array, phase: Array) -> Array:
    """Returns the features of origins.

    Args:
        levels: Smoothed logarithms less the present one, shape (half-lives, series, origins).
        change: What usually happens at this time of the day, shape (series, origins).
        week_change: What happened a week ago, shape (series, origins).
        phase: Time of the day of the target in radians, shape (origins,).

    Returns:
        Shape (series, origins, features); all zero means persistence.
    """
    waves = [wave(k * phase) for k in _HARMONICS for wave in (np.sin, np.cos)]
    columns = [
        *levels,
        # Far from its usual level a series returns faster than in proportion.
        *(level * np.abs(level) for level in levels[-2:]),
        change,
        week_change,
        *(np.broadcast_to(wave, change.shape) for wave in waves),
    ]
    return np.stack(columns, axis=-1)


def daily_change(filled: Array, origins: Indices, horizon: int, day_steps: int) -> Array:
    """Returns how the logarithm moved over the same hours of up to seven days before, on average.

    Args:
        filled: Logarithms without inner gaps, shape (series, times).
        origins: Columns from which is forecast.
        horizon: Steps ahead, at most a day: only what the origin knows is read.
        day_steps: Values per day.

    Returns:
        Shape (series, origins); 0 where no earlier day is known.
    """
    backs = day_steps * np.arange(1, _WEEK_DAYS + 1)
    change = _past_change(filled, origins, horizon, backs[:, None])
    known = np.isfinite(change)
    total: Array = np.where(known, change, 0.0).sum(axis=1)
    mean: Array = total / np.maximum(known.sum(axis=1), 1)
    return mean


def weekly_change(filled: Array, origins: Indices, horizon: int, day_steps: int) -> Array:
    """Returns how the logarithm moved over the same hours a week before; 0 where that is not known."""
    return np.nan_to_num(_past_change(filled, origins, horizon, _WEEK_DAYS * day_steps))


def _past_change(filled: Array, origins: Indices, horizon: int, back: int | Indices) -> Array:
    # Looks back by one lag, or by several at once, which then are the middle axis.
    start = origins - back
    change = filled[:, np.maximum(start + horizon, 0)] - filled[:, np.maximum(start, 0)]
    return np.where(start >= 0, change, np.nan)
