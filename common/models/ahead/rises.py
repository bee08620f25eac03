"""How far series rise within minutes: conformal distributions in units of how restless each series is.

A score is the logarithm of the highest value within the horizon over the present one, less what the model
expects, over the usual rise of the series. Scores of a restless hour are comparable with those of a calm one,
so that old ones still tell the tail (normalised conformal prediction), and bounds widen when restlessness
does. The level at which the upper bound is read is moved whenever it was exceeded or held (adaptive conformal
inference, Gibbs and Candes 2021), which keeps its share right where the scores drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.ahead.rows import Array, Indices, grown
from common.models.ahead.scores import ScoreBook
from common.models.ahead.settings import AheadSettings

UPPER_SHARE = 0.99
_AIM_RANGE = (0.95, 0.999)
_LEAST_RESTLESS = 0.002
_SHARES: Array = (np.arange(400, dtype=np.float64) + 0.5) / 400.0


@dataclass(frozen=True)
class PeakSpread:
    """The peak of one series relative to its present value.

    Attributes:
        ratios: Sorted samples of its distribution.
        upper_ratio: The calibrated 99 % bound.
        scores: Forecasts that it rests on.
    """

    ratios: Array
    upper_ratio: float
    scores: float


@dataclass
class _Slot:
    """Forecasts of all rows made at one moment: values, highest since, expectation, restlessness, bound."""

    due: float
    base: Array
    peak: Array
    centre: Array
    restless: Array
    bound: Array


class CalibratedRises:
    """Judges a forecast of every row each minute, and answers from what came true."""

    def __init__(self, settings: AheadSettings) -> None:
        self._settings = settings
        self.book = ScoreBook(settings.pooled_scores)
        self.fast: Array = np.zeros(0)
        self.slow: Array = np.zeros(0)
        self.aim: Array = np.zeros(0)
        self._slots: list[_Slot] = []
        self._pooled: Array = self.book.pooled()

    def grow(self, rows: int) -> None:
        """Makes room for so many rows."""
        self.book.grow(rows)
        self.fast, self.slow = grown(self.fast, rows, np.nan), grown(self.slow, rows, np.nan)
        self.aim = grown(self.aim, rows, UPPER_SHARE)

    def clear(self, row: int) -> None:
        """Forgets a row."""
        self.book.clear(row)
        self.fast[row] = self.slow[row] = np.nan
        self.aim[row] = UPPER_SHARE
        for slot in self._slots:
            if row < len(slot.base):
                slot.base[row] = np.nan

    def observe(self, at: float, rows: Indices, values: Array, centre: Array) -> None:
        """Takes present values of some rows; judges what is due, and opens a new forecast each minute.

        Args:
            at: Unix seconds.
            rows: Whose values.
            values: Above 0.
            centre: Of all rows: by how much the logarithm is expected to rise within the horizon.
        """
        for slot in self._slots:
            inside = rows < len(slot.base)
            at_rows = rows[inside]
            slot.peak[at_rows] = np.fmax(slot.peak[at_rows], values[inside])
        while self._slots and self._slots[0].due <= at:
            self._judge(self._slots.pop(0), at, rows)
        spacing, horizon = self._settings.spacing_seconds, self._settings.horizon_seconds
        if not self._slots or at + horizon - self._slots[-1].due >= spacing:
            self._open(at + horizon, rows, values, centre)

    def learn_past(self, rows: Indices, levels: Array, peaks: Array) -> None:
        """Learns from recorded columns, one judged forecast for each.

        Args:
            rows: Whose.
            levels: Value at the end of each column, shape (rows, columns); NaN for a gap.
            peaks: Highest value of each column, same shape.
        """
        rises = np.log(np.maximum(peaks[:, 1:], levels[:, :-1]) / levels[:, :-1])
        for column in rises.T:
            self._learn(rows, column, column / self._restless(rows), self._settings.column_seconds)
        self._pooled = self.book.pooled()

    def restore(self, row: int, scores: Array, restless: tuple[float, float], aim: float) -> None:
        """Takes what was known of a row before a restart."""
        self.book.weights[row] = scores
        self.fast[row], self.slow[row] = restless
        self.aim[row] = aim
        self._pooled = self.book.pooled()

    def spread(self, row: int, centre: float) -> PeakSpread:
        """Returns how far a row may rise within the horizon."""
        here = np.array([row])
        count, restless = float(self.book.counts(here)[0]), float(self._restless(here)[0])
        aim = float(self.aim[row])
        scores = self.book.quantiles(row, np.append(_SHARES, aim), self._pooled)
        ratios = np.exp(np.maximum(centre + restless * scores, 0.0))
        return PeakSpread(ratios[:-1], float(ratios[-1]), count)

    def _open(self, due: float, rows: Indices, values: Array, centre: Array) -> None:
        size = len(self.fast)
        base: Array = np.full(size, np.nan)
        base[rows] = values
        restless = self._restless(np.arange(size))
        bound = np.full(size, np.nan)
        for row in rows.tolist():
            bound[row] = self.book.quantiles(row, self.aim[row : row + 1], self._pooled)[0]
        self._slots.append(_Slot(due, base, base.copy(), centre.copy(), restless, bound))

    def _judge(self, slot: _Slot, at: float, heard: Indices) -> None:
        """Learns from a forecast that is due, of the rows that are still heard of."""
        late = at - slot.due > self._settings.spacing_seconds
        rows = heard[heard < len(slot.base)]
        if late or not rows.size:  # the highest value in between is not known
            return
        rises = np.log(slot.peak[rows] / slot.base[rows])
        scores = (rises - slot.centre[rows]) / slot.restless[rows]
        exceeded = scores > slot.bound[rows]
        known: NDArray[np.bool_] = np.isfinite(scores)
        moved = self.aim[rows] + self._settings.aim_rate * (exceeded - (1.0 - UPPER_SHARE))
        self.aim[rows] = np.where(known, np.clip(moved, *_AIM_RANGE), self.aim[rows])
        self._learn(rows, rises, scores, self._settings.spacing_seconds)
        self._pooled = self.book.pooled()

    def _learn(self, rows: Indices, rises: Array, scores: Array, elapsed: float) -> None:
        settings = self._settings
        self.book.fade(0.5 ** (elapsed / settings.score_half_life_seconds))
        self.book.add(rows, scores)
        # Until there were enough of them the plain mean counts: nobody knows whether the first was usual.
        plain = 1.0 / np.maximum(self.book.counts(rows), 1.0)
        for levels, half_life in (
            (self.fast, settings.restless_half_life_seconds), (self.slow, settings.score_half_life_seconds),
        ):  # fmt: skip
            share = np.maximum(plain, 1.0 - 0.5 ** (elapsed / half_life))
            levels[rows] = _towards(levels[rows], rises, share)

    def _restless(self, rows: Indices) -> Array:
        """Returns the usual rise: between what was usual lately and what is usual at all."""
        both = np.sqrt(np.fmax(self.fast[rows], _LEAST_RESTLESS) * np.fmax(self.slow[rows], _LEAST_RESTLESS))
        return np.asarray(np.fmax(both, _LEAST_RESTLESS), dtype=np.float64)


def _towards(level: Array, values: Array, share: Array) -> Array:
    """Returns smoothed levels; a first value counts in full, NaN changes nothing."""
    moved = np.where(np.isnan(level), values, level + share * (values - level))
    return np.where(np.isnan(values), level, moved)
