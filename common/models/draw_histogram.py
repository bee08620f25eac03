"""A decaying histogram of watts: what one replica of a container has drawn, old samples fading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST_WATTS = 1.0
_GROWTH = 1.05
_BUCKETS = 220
_EDGES = _FIRST_WATTS * _GROWTH ** np.arange(_BUCKETS)
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

    @property
    def span_seconds(self) -> float:
        """Returns the time between the first sample and the last."""
        return self._last - self._first if self._first is not None else 0.0

    @property
    def empty(self) -> bool:
        """Whether there is no sample."""
        return self._first is None

    def add(self, at: float, watts: float, weight: float = 1.0) -> None:
        """Adds a sample taken at a Unix time."""
        if self._reference is None:
            self._reference = self._first = at
        self._last = max(self._last, at)
        halvings = (at - self._reference) / self._half_life
        if halvings > _DECADES_BEFORE_RESCALE:
            self._weights *= 0.5**halvings
            self._reference, halvings = at, 0.0
        self._weights[self._bucket(watts)] += weight * 2.0**halvings

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
