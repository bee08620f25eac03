"""The past as it grows, one column at a time, without being copied at each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.models.forecast.levels import Smoothers
from common.models.forecast.past import Past

Array = NDArray[np.float64]

_KEPT_DAYS = 8


class Stream:
    """Keeps the last days of a past, enough for a weekly look back, and its smoothed levels.

    Args:
        past: What is known already.
        smoothers: That made it.
    """

    def __init__(self, past: Past, smoothers: Smoothers) -> None:
        self._settings = past.settings
        self._kept = _KEPT_DAYS * past.settings.day_steps
        start = max(0, past.times - self._kept)
        self._first_step = past.first_step + start
        self._smoothers = smoothers
        self._record = past.record[:, -1]
        self._filled = np.full((past.logs.shape[0], 2 * self._kept), np.nan)
        self._size = past.times - start
        self._filled[:, : self._size] = past.filled[:, start:]

    @property
    def view(self) -> Past:
        """Returns the kept past; only the last column of its levels, swings and record is known."""
        filled = self._filled[:, : self._size]
        present, swing = self._smoothers.present
        levels = np.broadcast_to(present[..., None], (*present.shape, self._size))
        swings = np.broadcast_to(swing[:, None], filled.shape)
        record = np.broadcast_to(self._record[:, None], filled.shape)
        return Past(filled, filled, levels, swings, record, self._first_step, self._settings)

    def take(self, logs: Array) -> None:
        """Adds a column of logarithms, shape (series,), NaN for a gap."""
        if self._size == self._filled.shape[1]:
            dropped = self._size - self._kept
            self._filled[:, : self._kept] = self._filled[:, dropped:]
            self._size, self._first_step = self._kept, self._first_step + dropped
        self._smoothers.take(logs, self._filled[:, self._size - 1])
        self._record = np.fmax(self._record, logs)
        self._filled[:, self._size] = np.where(np.isnan(logs), self._filled[:, self._size - 1], logs)
        self._size += 1

    def seasonal(self) -> Array:
        """Returns the logarithms one day before each horizon's target, shape (horizons, series)."""
        day = self._settings.day_steps
        return np.stack([self._filled[:, self._size - 1 + h - day] for h in self._settings.horizons])
