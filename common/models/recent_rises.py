"""The simplest honest forecast: from here, the rises of the last half hour may come again.

Level persistence for the median, shifted by the median change over one horizon once whole horizons were seen,
in full after two of them (a change over less time would be a guess at a slope); the distribution of the peak
is the empirical one of the rises (highest value within the horizon, less the value before it) in the window.
Rises overlap and are therefore correlated: the tail is known less well than the number of samples suggests.
Before one whole horizon was seen, rises over what was seen are taken for larger by the square root of the
times, as a random walk's are.
Neither daily nor weekly structure is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.outlook import Outlook

_FIRST_ROWS = 64


@dataclass(frozen=True)
class RecentRisesSettings:
    """How much is remembered, and how far ahead is looked; all in seconds.

    Attributes:
        step_seconds: One sample is kept per step, the highest in it.
        window_seconds: Length of the memory.
        horizon_seconds: How far ahead.
    """

    step_seconds: float = 5.0
    window_seconds: float = 1800.0
    horizon_seconds: float = 300.0


class RecentRises:
    """Keeps one row of recent samples per series, the newest last; NaN where there is none."""

    def __init__(self, settings: RecentRisesSettings = RecentRisesSettings()) -> None:
        self._settings = settings
        self._columns = int(settings.window_seconds / settings.step_seconds)
        self._samples: NDArray[np.float32] = np.full((_FIRST_ROWS, self._columns), np.nan, dtype=np.float32)
        self._rows: dict[str, int] = {}
        self._free = list(range(_FIRST_ROWS))
        self._step: int | None = None
        self._levels: dict[str, float] = {}

    def observe(self, at: float, watts: Mapping[str, float]) -> None:
        """Takes the values of all series at a Unix time; series silent for the whole window are forgotten."""
        self._advance(int(at // self._settings.step_seconds))
        self._levels.update(watts)
        for name, value in watts.items():
            row = self._row(name)  # before the matrix is looked up: it may be replaced by a larger one
            self._samples[row, -1] = np.fmax(self._samples[row, -1], value)

    def outlook(self, series: str) -> Outlook | None:
        """Returns what may come; None for a series never seen or long gone."""
        row = self._rows.get(series)
        if row is None:
            return None
        level = self._levels[series]
        known = self._samples[row].astype(np.float64)
        seen = np.flatnonzero(np.isfinite(known))
        known = known[seen[0] :]
        horizon = int(self._settings.horizon_seconds / self._settings.step_seconds)
        ahead = max(1, min(horizon, known.size - 1))
        return Outlook(
            horizon_seconds=self._settings.horizon_seconds,
            level_watts=level,
            median_watts=max(0.0, level + _drift(known, horizon)),
            peaks=np.sort(level + np.maximum(_rises(known, ahead), 0.0) * np.sqrt(horizon / ahead)),
            span_seconds=(known.size - 1) * self._settings.step_seconds,
        )

    def _advance(self, step: int) -> None:
        shift = 0 if self._step is None else min(step - self._step, self._columns)
        self._step = step if self._step is None else max(step, self._step)
        if shift <= 0:
            return
        self._samples[:, :-shift] = self._samples[:, shift:]
        self._samples[:, -shift:] = np.nan
        self._forget_silent()

    def _forget_silent(self) -> None:
        heard: NDArray[np.bool_] = np.asarray(np.isfinite(self._samples).any(axis=1))
        for name in [name for name, row in self._rows.items() if not heard[row]]:
            self._free.append(self._rows.pop(name))
            del self._levels[name]

    def _row(self, name: str) -> int:
        if name not in self._rows:
            if not self._free:
                self._free.extend(range(len(self._samples), 2 * len(self._samples)))
                self._samples = np.concatenate([self._samples, np.full_like(self._samples, np.nan)])
            self._rows[name] = self._free.pop()
        return self._rows[name]


def _drift(values: NDArray[np.float64], horizon: int) -> float:
    """Returns the median change over a horizon, trusted in proportion to the changes that were seen."""
    if values.size <= horizon:
        return 0.0
    change = values[horizon:] - values[:-horizon]
    change = change[np.isfinite(change)]
    return float(np.median(change)) * min(1.0, change.size / horizon) if change.size else 0.0


def _rises(values: NDArray[np.float64], ahead: int) -> NDArray[np.float64]:
    """Returns, for every value with a known future, how far the next ``ahead`` values rise above it.

    The running maximum is found by doubling the span, so that its cost grows with log2 of the horizon.
    """
    future = np.append(values[1:], np.nan)
    width = 1
    while width < ahead:
        shift = min(width, ahead - width)
        moved = np.concatenate([future[shift:], np.full(min(shift, future.size), np.nan)])
        future = np.fmax(future, moved)
        width += shift
    rises = future - values
    return rises[np.isfinite(rises)]
