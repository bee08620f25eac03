"""A histogram in the Prometheus text format, observed without any lock or label look-up."""

from __future__ import annotations

from bisect import bisect_left

GUARD_BUCKETS_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


class Histogram:
    """Counts observations by upper bound."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Adds one observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str, labels: str) -> list[str]:
        """Returns the sample lines of the family.

        Args:
            name: The family.
            labels: Labels as text, without braces; not empty.
        """
        rendered = []
        total = 0
        for bound, count in zip((*map(repr, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            rendered.append(f'{name}_bucket{{{labels},le="{bound}"}} {total}')
        return [*rendered, f"{name}_sum{{{labels}}} {self._sum:.6f}", f"{name}_count{{{labels}}} {total}"]
