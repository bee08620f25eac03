"""A decaying histogram of watts: what one replica of a container has drawn, old samples fading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FIRST_WATTS = 1.0
_GROWTH = 1.05
_BUCKETS = 220
_EDGES = _FIRST_WATTS * _GROWTH ** np.arange(_BUCKETS)
_LEAST_KEPT = 1e-4
_DECADES_BEFORE_RESCALE = 40.0


class DrawHistogram:
    """Weights in buckets that grow by 5 %, from 1 W to 43 kW; a sample's weight halves every half-life.

    The scheme is the one of the Vertical Pod Autoscaler's recommender: instead of fading old weights, new
    ones are made heavier, and all are scaled down now and then.

    Args:
        half_life_seconds: After which a sample counts half.
    """

    def __init__(self, half_life_seconds: float = 24 * 3600.0) -> None:
        self._half_life = half_life_seconds
        self._weights: NDArray[np.float64] = np.zeros(_BUCKETS)
        self._reference: float | None = None
        self._first: float | None = None
        self._last = 0.0
        self._heard = 0.0

    @property
    def span_seconds(self) -> float:
        """Returns the time between the first sample and the last."""
        return self._last - self._first if self._first is not None else 0.0

    @property
    def empty(self) -> bool:
        """Whether there is no sample."""
        return self._first is None

    @property
    def last(self) -> float:
        """Returns when the container was last heard of, in Unix seconds; 0 before the first time."""
        return self._heard

    def heard(self, at: float) -> None:
        """Notes that the container is there, though what it draws says nothing of what it wants."""
        self._heard = max(self._heard, at)

    def add(self, at: float, watts: float, weight: float = 1.0) -> None:
        """Adds a sample taken at a Unix time."""
        if self._reference is None:
            self._reference = self._first = at
        self._last = max(self._last, at)
        self.heard(at)
        halvings = (at - self._reference) / self._half_life
        if halvings > _DECADES_BEFORE_RESCALE:
            self._weights *= 0.5**halvings
            self._reference, halvings = at, 0.0
        self._weights[self._bucket(watts)] += weight * 2.0**halvings

    @classmethod
    def merged(cls, parts: Iterable[DrawHistogram]) -> DrawHistogram:
        """Returns one histogram of the samples of several with the same half-life."""
        whole = cls()
        for part in parts:
            if not part.empty:
                whole._take(part)
        return whole

    def _take(self, other: DrawHistogram) -> None:
        if self._reference is None or other._reference is None:
            self._half_life, self._first, self._last = other._half_life, other._first, other._last
            self._reference, self._weights = other._reference, other._weights.copy()
            self._heard = other._heard
            return
        # Scaled to the later reference, so that weights shrink and cannot overflow.
        later = max(self._reference, other._reference)
        mine, theirs = (
            0.5 ** ((later - each) / self._half_life) for each in (self._reference, other._reference)
        )
        self._weights = mine * self._weights + theirs * other._weights
        self._reference = later
        self._first = min(self._first or 0.0, other._first or 0.0)
        self._last = max(self._last, other._last)
        self.heard(other._heard)

    def record(self) -> list[Any]:
        """Returns plain values for a checkpoint: the buckets that have weight."""
        most = float(self._weights.max())
        filled = np.flatnonzero(self._weights > _LEAST_KEPT * most)
        weights = [[int(place), float(self._weights[place])] for place in filled]
        return [self._half_life, self._reference, self._first, self._last, self._heard, weights]

    @classmethod
    def of_record(cls, record: list[Any]) -> DrawHistogram:
        """Returns the histogram of plain values."""
        half_life, reference, first, last, heard, weights = record
        histogram = cls(half_life)
        histogram._reference, histogram._first = reference, first
        histogram._last, histogram._heard = last, heard
        for place, weight in weights:
            histogram._weights[place] = weight
        return histogram

    def quantile(self, share: float) -> float:
        """Returns the upper edge of the bucket under which a share of the weight lies; 0 when empty."""
        total = float(self._weights.sum())
        if total <= 0:
            return 0.0
        bucket = int(np.searchsorted(np.cumsum(self._weights), share * total))
        return float(_EDGES[min(bucket, _BUCKETS - 1)])

    @staticmethod
    def _bucket(watts: float) -> int:
        return min(int(np.searchsorted(_EDGES, watts)), _BUCKETS - 1)
