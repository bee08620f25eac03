"""A cumulative histogram that takes fractions of events: a fluid model serves fractions of requests."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

_SPREAD = ((0.75, 0.5), (1.0, 0.4), (1.75, 0.1))
"""(factor on the mean, share of events): half are quicker than the mean, a tenth much slower."""


class FluidHistogram:
    """Counts by upper bound, in the way of Prometheus; the last bucket has no bound."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._weights = [0.0] * (len(self._bounds) + 1)
        self.sum = 0.0

    @property
    def count(self) -> float:
        """How many events were seen, fractions included."""
        return sum(self._weights)

    def observe(self, mean_seconds: float, events: float) -> None:
        """Adds events whose values spread around a mean."""
        for factor, share in _SPREAD:
            value, weight = mean_seconds * factor, events * share
            self._weights[bisect_left(self._bounds, value)] += weight
            self.sum += value * weight

    def cumulative(self) -> Iterator[tuple[float, float]]:
        """Yields (upper bound, events up to it); the last bound is infinite."""
        total = 0.0
        for bound, weight in zip((*self._bounds, float("inf")), self._weights, strict=True):
            total += weight
            yield bound, total
