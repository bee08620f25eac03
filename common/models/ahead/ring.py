"""The last two weeks of many series in columns of equal width."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.models.ahead.rows import Array, Indices
from common.models.ahead.settings import AheadSettings

Single = NDArray[np.float32]


class Ring:
    """Means over columns, the newest last; NaN where nothing was heard."""

    def __init__(self, settings: AheadSettings) -> None:
        self._settings = settings
        self.means: Single = np.full((0, settings.columns), np.nan, dtype=np.float32)
        self.last: int | None = None
        self._sum: Array = np.zeros(0)
        self._count: Array = np.zeros(0)

    def grow(self, rows: int) -> None:
        """Makes room for so many rows."""
        missing = rows - len(self.means)
        if missing > 0:
            more = max(missing, len(self.means) // 2)
            empty = np.full((more, self._settings.columns), np.nan, dtype=np.float32)
            self.means = np.concatenate([self.means, empty])
            self._sum = np.concatenate([self._sum, np.zeros(more)])
            self._count = np.concatenate([self._count, np.zeros(more)])

    def clear(self, row: int) -> None:
        """Forgets a row."""
        self.means[row] = np.nan
        self._sum[row] = self._count[row] = 0.0

    def observe(self, at: float, rows: Indices, values: Array) -> list[int]:
        """Takes values; returns the numbers of the columns that were closed before them, oldest first."""
        number = int(at // self._settings.column_seconds)
        closed = self._close(number)
        self._sum[rows] += values
        self._count[rows] += 1.0
        return closed

    def load(self, rows: Indices, end: float, means: Array) -> None:
        """Takes recorded columns, shape (rows, columns), the last of which ends at ``end``."""
        last = round(end / self._settings.column_seconds) - 1
        self._close(last + 1)
        assert self.last is not None
        ahead = min(self.last - last, self._settings.columns)
        kept = min(means.shape[1], self._settings.columns - max(0, ahead))
        if kept <= 0:
            return
        stop = self._settings.columns - ahead
        known = self.means[rows, stop - kept : stop]
        self.means[rows, stop - kept : stop] = np.where(np.isnan(known), means[:, -kept:], known)

    def steps_until(self, width: int) -> int:
        """Returns the first step of ``width`` columns, counted since the epoch, that is not over."""
        return 0 if self.last is None else (self.last + 1) // width

    def steps(self, rows: Indices, width: int, most: int | None = None) -> Array:
        """Returns means over ``width`` columns, shape (rows, steps), up to the last one that is over.

        Args:
            rows: Whose.
            width: Columns per step.
            most: How many steps at most, the newest; all that are remembered when None.
        """
        spare = 0 if self.last is None else (self.last + 1) % width
        stop = self._settings.columns - spare
        start = stop % width if most is None else max(stop % width, stop - most * width)
        cells = self.means[rows, start:stop].reshape(rows.size, (stop - start) // width, width)
        known = np.isfinite(cells)
        count = known.sum(axis=2)
        total: Array = np.where(known, cells, 0.0).sum(axis=2, dtype=np.float64)
        means: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return means

    def _close(self, number: int) -> list[int]:
        """Moves on to a column; returns those that are over since."""
        if self.last is None:
            self.last = number - 1
        passed = number - 1 - self.last
        if passed <= 0:
            return []
        shift = min(passed, self._settings.columns)
        self.means[:, :-shift] = self.means[:, shift:].copy() if shift < self._settings.columns else np.nan
        self.means[:, -shift:] = np.nan
        mean = np.where(self._count > 0, self._sum / np.maximum(self._count, 1.0), np.nan)
        self.means[:, -shift] = mean  # what was being summed belongs to the first of them
        self._sum[:], self._count[:] = 0.0, 0.0
        closed = list(range(number - shift, number))
        self.last = number - 1
        return closed
