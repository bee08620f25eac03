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
        self._seen: Array = np.zeros(series)

    @property
    def present(self) -> Array:
        """Returns the levels, shape (half-lives, series); NaN before the first value."""
        return self._normalised(self._sum, self._seen)

    def take(self, logs: Array) -> None:
        """Adds a column, shape (series,), NaN for a gap."""
        known = np.isfinite(logs)
        self._advance(logs, known, bool(known.all()))
        self._seen = self._seen + known

    def take_all(self, logs: Array) -> Array:
        """Adds columns, shape (series, times); returns the levels at each, (half-lives, series, times)."""
        known = np.isfinite(logs)
        seen = self._seen[:, None] + np.cumsum(known, axis=1)
        sums = np.empty((logs.shape[1], *self._sum.shape))
        whole: NDArray[np.bool_] = np.asarray(known.all(axis=0))
        for time, column in enumerate(logs.T):
            self._advance(column, known[:, time], bool(whole[time]))
            sums[time] = self._sum
        self._seen = seen[:, -1]
        return self._normalised(np.moveaxis(sums, 0, -1), seen)

    def _advance(self, logs: Array, known: NDArray[np.bool_], whole: bool) -> None:
        # Nearly every column is whole, and a loop over a long history spends its time here.
        if whole:
            self._sum = self._keep * self._sum + (1.0 - self._keep) * logs
        else:
            moved = self._keep * self._sum + (1.0 - self._keep) * np.where(known, logs, 0.0)
            self._sum = np.where(known, moved, self._sum)

    def _normalised(self, sums: Array, seen: Array) -> Array:
        weights = 1.0 - self._keep.reshape(-1, *([1] * seen.ndim)) ** seen
        return sums / np.where(weights > 0, weights, np.nan)


class Smoothers:
    """Levels of logarithms, and of the absolute steps between them, in one pass.

    Args:
        series: Number of series.
        half_lives: Of the levels, in steps.
        swing_half_life: Of the absolute steps.
    """

    def __init__(self, series: int, half_lives: Sequence[float], swing_half_life: float) -> None:
        self._series = series
        self._rows = Levels(2 * series, (*half_lives, swing_half_life))

    @property
    def present(self) -> tuple[Array, Array]:
        """Returns levels, shape (half-lives, series), and swings, (series,); NaN before the first value."""
        rows = self._rows.present
        return rows[:-1, : self._series], rows[-1, self._series :]

    def take(self, logs: Array, before: Array) -> None:
        """Adds a column, shape (series,), and the last known values before it; NaN for a gap."""
        self._rows.take(np.concatenate([logs, np.abs(logs - before)]))

    def take_all(self, logs: Array, filled: Array) -> tuple[Array, Array]:
        """Adds columns; returns levels, (half-lives, series, times), and swings, (series, times)."""
        before = np.concatenate([np.full((self._series, 1), np.nan), filled[:, :-1]], axis=1)
        rows = self._rows.take_all(np.concatenate([logs, np.abs(logs - before)]))
        return rows[:-1, : self._series], rows[-1, self._series :]
