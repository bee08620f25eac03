"""What there is without a planner: a HorizontalPodAutoscaler for each service, on requests per replica.

The rules are those of the Kubernetes documentation with its defaults: every 15 s, a tolerance of 10 %, at
most four replicas or the double in 15 s, and on the way down the highest of the last five minutes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.day.pool import Pool, Served

_SYNC_SECONDS = 15.0
_TOLERANCE = 0.1
_STABILISATION_SECONDS = 300.0
_MOST_ADDED = 4
TARGET_SHARE = 0.7
"""Of the requests at once at which a replica just keeps its latency target: what it is scaled for."""


@dataclass(frozen=True)
class Scaling:
    """Bounds of one service."""

    least: int
    most: int


class Autoscaler:
    """Scales every pool by itself; knows no watts.

    Args:
        bounds: Of each pool.
    """

    def __init__(self, bounds: Sequence[Scaling]) -> None:
        self._bounds = bounds
        steps = round(_STABILISATION_SECONDS / _SYNC_SECONDS)
        self._wanted: list[deque[int]] = [deque(maxlen=steps) for _ in bounds]
        self._next = -math.inf

    def act(self, now: float, pools: Sequence[Pool], served: Sequence[Served]) -> None:
        """Sets replicas."""
        if now < self._next:
            return
        self._next = now + _SYNC_SECONDS
        for pool, bounds, one, wanted in zip(pools, self._bounds, served, self._wanted, strict=True):
            if not wanted:
                wanted.append(pool.bound)  # what there is at first counts as wanted
            wanted.append(self._desired(pool, bounds, pool.waiting + one.running))
            highest = max(wanted)
            present = pool.bound
            target = wanted[-1] if wanted[-1] >= present else min(present, highest)
            if target != present:
                pool.scale(target)

    def _desired(self, pool: Pool, bounds: Scaling, requests: float) -> int:
        ratio = requests / max(1, pool.ready) / (TARGET_SHARE * pool.kind.capacity.requests)
        # Pods that are not ready are left out of the mean, and count as idle where it asks for more.
        if ratio > 1.0:
            ratio = requests / max(1, pool.bound) / (TARGET_SHARE * pool.kind.capacity.requests)
            wanted = max(pool.bound, _rounded(pool.bound, ratio))
        else:
            wanted = _rounded(max(1, pool.ready), ratio)
        fastest = max(pool.bound + _MOST_ADDED, 2 * pool.bound)
        return max(bounds.least, min(bounds.most, wanted, fastest))


def _rounded(replicas: int, ratio: float) -> int:
    return replicas if abs(ratio - 1.0) <= _TOLERANCE else math.ceil(replicas * ratio)
