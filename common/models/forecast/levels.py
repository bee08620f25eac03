"""Exponentially smoothed levels that skip gaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Levels:
    """Smoothed levels of every series for several half-lives; a gap leaves them as they are.

    Early on, weights are normalised by what has been seen, so that no start value is assumed.

    Args:
        series: Number of series.
        half_lives: In steps.
    """

    def __init__(self, series: int, half_lives: Sequence[float]) -> None:
        self._keep = 0.5 ** (1.0 / np.asarray(half_lives, dtype=np.float64))[:, None]
        self._sum: Array = np.zeros((len(half_lives), series))
        self._weight: Array = np.zeros((len(half_lives), series))

    def take(self, logs: Array) -> Array:
        """Adds a column, shape (series,), NaN for a gap; returns the levels, shape (half-lives, series)."""
        known = np.isfinite(logs)
        keep = np.where(known, self._keep, 1.0)
        self._sum = keep * self._sum + (1.0 - keep) * np.where(known, logs, 0.0)
        self._weight = keep * self._weight + (1.0 - keep)
        return self._sum / np.where(self._weight > 0, self._weight, np.nan)
