"""What policies have drawn since this process started, where no Prometheus remembers it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recommender.logic.relative import CapHistory

BUCKET_SECONDS = 300.0
KEPT_SECONDS = 31 * 24 * 3600.0


@dataclass
class _Bucket:
    """Watts seen within one stretch of time."""

    peak: float = 0.0
    total: float = 0.0
    count: int = 0

    def add(self, watts: float) -> None:
        self.peak = max(self.peak, watts)
        self.total += watts
        self.count += 1


class OwnHistory:
    """Peak and mean by policy and five minutes, for a month at most."""

    def __init__(self) -> None:
        self._buckets: dict[str, OrderedDict[int, _Bucket]] = {}

    def observe(self, at: float, drawn: Mapping[str, float | None]) -> None:
        """Adds the present draw of policies by key; those that are gone are forgotten.

        Args:
            at: Unix seconds.
            drawn: Watts; None of a policy that is there and not measured now.
        """
        place, oldest = int(at // BUCKET_SECONDS), (at - KEPT_SECONDS) // BUCKET_SECONDS
        for key in [key for key in self._buckets if key not in drawn]:
            del self._buckets[key]
        for key, watts in drawn.items():
            if watts is None:
                continue
            buckets = self._buckets.setdefault(key, OrderedDict())
            buckets.setdefault(place, _Bucket()).add(watts)
            while next(iter(buckets)) < oldest:
                buckets.popitem(last=False)

    def histories(self, windows: Iterable[int], at: float) -> dict[tuple[str, int], CapHistory]:
        """Returns peak, mean and covered time by policy and window in seconds."""
        found = {}
        for window in set(windows):
            first = (at - window) / BUCKET_SECONDS
            for key, buckets in self._buckets.items():
                inside = [bucket for place, bucket in buckets.items() if place >= first]
                if inside:
                    found[key, window] = _summary(inside)
        return found


def _summary(buckets: list[_Bucket]) -> CapHistory:
    means = [bucket.total / bucket.count for bucket in buckets]
    return CapHistory(
        max(bucket.peak for bucket in buckets), sum(means) / len(means), len(buckets) * BUCKET_SECONDS
    )
