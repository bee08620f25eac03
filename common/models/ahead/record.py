"""One series as a checkpoint keeps it: half a byte to two per value."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from common.models.ahead.rows import Array

_STEPS_PER_E = 200.0
"""Values are kept as logarithms to half a percent."""
_NOTHING = 0
_OFFSET = 4000
_FORMAT = 1


@dataclass(frozen=True)
class SeriesRecord:
    """What is known of a series.

    Attributes:
        name: Of the series.
        last_column: Number of the last column since the epoch.
        means: Of the columns, shape (columns,), NaN for gaps.
        scores: Weights of its score histogram.
        restless: Fast and slow measure of how restless it is.
        aim: Level at which its bound is read.
    """

    name: str
    last_column: int
    means: Array
    scores: Array
    restless: tuple[float, float]
    aim: float

    def packed(self) -> list[Any]:
        """Returns plain values; gaps at the start are left out."""
        known = np.flatnonzero(np.isfinite(self.means))
        means = self.means[known[0] :] if known.size else self.means[:0]
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.round(np.log(means) * _STEPS_PER_E) + _OFFSET
        coded = np.where(np.isfinite(logs), np.clip(logs, 1, 65535), _NOTHING).astype(np.int32)
        changes = np.diff(coded, prepend=0).astype("<i4").tobytes()
        filled = np.flatnonzero(self.scores > 0)
        scores = [[int(place), round(float(self.scores[place]), 3)] for place in filled]
        return [
            _FORMAT,
            self.name,
            self.last_column,
            zlib.compress(changes),
            scores,
            *self.restless,
            self.aim,
        ]

    @classmethod
    def unpacked(cls, value: list[Any], columns: int, bins: int = 64) -> SeriesRecord:
        """Returns the record of plain values.

        Raises:
            ValueError: The values are of another format.
        """
        if value[0] != _FORMAT:
            raise ValueError(f"format {value[0]} of a series is not known")
        _, name, last_column, compressed, sparse, fast, slow, aim = value
        coded = np.cumsum(np.frombuffer(zlib.decompress(compressed), dtype="<i4"))
        known = np.where(coded == _NOTHING, np.nan, np.exp((coded - _OFFSET) / _STEPS_PER_E))[-columns:]
        means: Array = np.full(columns, np.nan)
        if known.size:
            means[-known.size :] = known
        scores: Array = np.zeros(bins)
        for place, weight in sparse:
            scores[place] = weight
        return cls(name, last_column, means, scores, (fast, slow), aim)
