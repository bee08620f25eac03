"""What the rest of a node drew at the most, by what its devices had drawn before: it follows them. Pure.

Fans and heat follow the devices' draw with minutes of delay, upwards and downwards. So a reading of the rest
belongs to the highest draw of the devices over the minutes before it, and what is known of a low draw is gone
by only once the draw has been low for as long.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BIN_WATTS = 200
"""Devices' draws are told apart by this: two per cent of a node of eight GPUs."""


@dataclass(frozen=True)
class RestBin:
    """What was seen while the devices had drawn no more than an edge, and more than the edge below it.

    Attributes:
        edge_watts: The upper edge.
        rest_watts: The highest draw of the rest.
        watched_seconds: For how long.
    """

    edge_watts: int
    rest_watts: float
    watched_seconds: float


def with_reading(
    bins: Iterable[RestBin], edge_watts: int, rest_watts: float, seconds: float
) -> tuple[RestBin, ...]:
    """Returns bins with one more reading in one of them, in order."""
    found = {one.edge_watts: one for one in bins}
    before = found.get(edge_watts, RestBin(edge_watts, 0.0, 0.0))
    found[edge_watts] = RestBin(
        edge_watts, max(before.rest_watts, rest_watts), before.watched_seconds + seconds
    )
    return tuple(found[edge] for edge in sorted(found))


def is_news(bins: Iterable[RestBin], edge_watts: int, rest_watts: float) -> bool:
    """Whether a reading is the highest of its bin, or the first in it."""
    return all(one.edge_watts != edge_watts or one.rest_watts < rest_watts for one in bins)


def proven_peaks(bins: Iterable[RestBin], enough_seconds: float) -> Mapping[int, float]:
    """Returns the highest draw of the rest beside devices that draw at most so much, by edges, in order.

    Args:
        bins: What was seen; an edge may occur several times.
        enough_seconds: An edge is left out where all up to it was watched for less.
    """
    proven: dict[int, float] = {}
    watched, highest = 0.0, 0.0
    for one in sorted(bins, key=lambda found: found.edge_watts):
        watched += one.watched_seconds
        highest = max(highest, one.rest_watts)
        if watched >= enough_seconds:
            proven[one.edge_watts] = highest
    return proven


def with_unexplained(peaks: Mapping[int, float], bins: Sequence[RestBin]) -> Mapping[int, float]:
    """Returns peaks by edge that also hold what is usual beside such draws and the largest peak above that.

    A peak that has nothing to do with the devices (a scrub of disks, a backup) can come back beside any draw
    of theirs: by how much one ever stood out counts for all. Usual is the median over time.

    Args:
        peaks: As ``proven_peaks`` returns them.
        bins: What was seen, one for each edge in each slice of time.
    """
    usual = _medians(bins, 0)
    around = _medians(bins, BIN_WATTS)
    unexplained = max((one.rest_watts - around[one.edge_watts] for one in bins), default=0.0)
    return {
        edge: max(peak, max(level for at, level in usual.items() if at <= edge) + unexplained)
        for edge, peak in peaks.items()
    }


def _medians(bins: Iterable[RestBin], reach_watts: int) -> Mapping[int, float]:
    """Returns the median of what was seen at each edge, and at those that are as near."""
    found: dict[int, list[float]] = {}
    for one in bins:
        for edge in {one.edge_watts - reach_watts, one.edge_watts, one.edge_watts + reach_watts}:
            found.setdefault(edge, []).append(one.rest_watts)
    return {edge: statistics.median_low(seen) for edge, seen in found.items()}


class RecentDraw:
    """The highest draw of the devices over the last minutes.

    Args:
        seconds: How far back.
        gap_seconds: After a longer gap between two readings nothing is known of what was drawn in it.
    """

    def __init__(self, seconds: float, gap_seconds: float) -> None:
        self._seconds = seconds
        self._gap_seconds = gap_seconds
        self._since: float | None = None
        self._last = 0.0
        self._falling: deque[tuple[float, float]] = deque()

    def add(self, watts: float, now: float) -> float:
        """Takes in a draw; returns the seconds since the reading before, 0 after a gap."""
        passed = 0.0 if self._since is None else now - self._last
        if self._since is None or passed > self._gap_seconds:
            self._since, passed = now, 0.0
            self._falling.clear()
        while self._falling and self._falling[-1][1] <= watts:
            self._falling.pop()
        self._falling.append((now, watts))
        while self._falling[0][0] < now - self._seconds:
            self._falling.popleft()
        self._last = now
        return passed

    @property
    def edge_watts(self) -> int | None:
        """The upper edge of its bin; None while it was not watched for long enough."""
        if self._since is None or self._last - self._since < self._seconds:
            return None
        return math.ceil(self._falling[0][1] / BIN_WATTS) * BIN_WATTS
