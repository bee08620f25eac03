"""Decaying distributions of scores, one per series, and one of all series together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.models.ahead.rows import Array, Indices, grown

_EDGES: Array = np.concatenate([-np.geomspace(8.0, 0.25, 8), np.geomspace(0.05, 60.0, 56)])
"""Upper ends of the bins; scores are rises in units of the usual rise, so most lie between 0 and 4."""
_LOWER: Array = np.concatenate([[-10.0], _EDGES[:-1]])
_FIRST_GUESS: Array = np.exp(-np.maximum(_EDGES, 0.0)) * np.diff(
    np.concatenate([[0.0], np.maximum(_EDGES, 0)])
)
"""Before any score: an exponential distribution, which is what rises over their own mean look like."""


class ScoreBook:
    """Histograms of scores by row.

    Args:
        pooled_scores: So many scores the distribution of all rows counts for in each.
    """

    def __init__(self, pooled_scores: float) -> None:
        self.weights: Array = np.zeros((0, _EDGES.size))
        self._pooled_scores = pooled_scores

    def grow(self, rows: int) -> None:
        """Makes room for so many rows."""
        self.weights = grown(self.weights, rows, 0.0)

    def clear(self, row: int) -> None:
        """Forgets a row."""
        self.weights[row] = 0.0

    def fade(self, factor: float) -> None:
        """Makes everything known count less."""
        self.weights *= factor

    def add(self, rows: Indices, scores: Array) -> None:
        """Adds one score to each of some rows; NaN adds nothing."""
        known: NDArray[np.bool_] = np.isfinite(scores)
        bins = np.minimum(np.searchsorted(_EDGES, scores[known]), _EDGES.size - 1)
        self.weights[rows[known], bins] += 1.0

    def counts(self, rows: Indices) -> Array:
        """Returns how many scores rows know, faded ones in part."""
        return np.asarray(self.weights[rows].sum(axis=1), dtype=np.float64)

    def pooled(self) -> Array:
        """Returns the distribution of all rows, a little of the first guess in it; it sums to 1."""
        total: Array = self.weights.sum(axis=0) + _FIRST_GUESS / _FIRST_GUESS.sum()
        return np.asarray(total / total.sum(), dtype=np.float64)

    def quantiles(self, row: int, shares: Array, pooled: Array) -> Array:
        """Returns scores that shares of a row's distribution lie under, linear inside of a bin."""
        mass = self.weights[row] + self._pooled_scores * pooled
        reached = np.cumsum(mass)
        wanted = shares * reached[-1]
        bins = np.minimum(np.searchsorted(reached, wanted), _EDGES.size - 1)
        inside = (wanted - (reached[bins] - mass[bins])) / np.maximum(mass[bins], 1e-12)
        found: Array = _LOWER[bins] + np.clip(inside, 0.0, 1.0) * (_EDGES[bins] - _LOWER[bins])
        return found
