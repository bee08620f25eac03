"""What a replay was like, in figures, and whether that is acceptable next to one without limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.replay.closed_loop import Recording
from common.replay.load import HIGH, LOW
from common.replay.profile import Floats

SETTLE_SECONDS = 60
"""The row fills up in the first minute: it is not judged."""
OVERLOAD, HIGH_MEDIAN, HIGH_TAIL, LOW_THROUGHPUT = "overload", "high-p50", "high-p99", "low-throughput"
"""No interval over 10 s above the cap; high priority at most 1 % and 5 % slower; 97 % of low's tokens."""


@dataclass(frozen=True)
class Outcome:
    """Figures of one replay.

    Attributes:
        peak_percent: Highest draw over 2 s, in percent of the cap.
        overload_watt_seconds: Drawn above the cap.
        longest_overload_seconds: Without a break.
        high_p50_percent: How much longer the median request of high priority takes than without limits.
        high_p99_percent: The same at the 99th percentile.
        low_throughput_percent: How many more (fewer: negative) tokens low priority makes.
        low_p50_percent: How much longer the median request of low priority takes.
        megajoules: Drawn in all.
        tokens: Made in all.
        actions: Limits changed.
    """

    peak_percent: float
    overload_watt_seconds: float
    longest_overload_seconds: int
    high_p50_percent: float
    high_p99_percent: float
    low_throughput_percent: float
    low_p50_percent: float
    megajoules: float
    tokens: float
    actions: int

    @property
    def missed(self) -> tuple[str, ...]:
        """Names the objectives that were not met: the published ones, and breakers that stand 10 s."""
        met = {
            OVERLOAD: self.longest_overload_seconds <= 10,
            HIGH_MEDIAN: self.high_p50_percent < 1,
            HIGH_TAIL: self.high_p99_percent < 5,
            LOW_THROUGHPUT: self.low_throughput_percent >= -3,
        }
        return tuple(name for name, fine in met.items() if not fine)

    @property
    def acceptable(self) -> bool:
        """Whether every objective was met."""
        return not self.missed


def judge(recording: Recording, free: Recording, cap_watts: float) -> Outcome:
    """Compares a replay with the same one without limits."""
    watts = recording.watts[SETTLE_SECONDS:]
    over = watts > cap_watts
    return Outcome(
        peak_percent=100.0 * float((watts[1:] + watts[:-1]).max()) / 2.0 / cap_watts,
        overload_watt_seconds=float((watts - cap_watts)[over].sum()),
        longest_overload_seconds=longest_run(over),
        high_p50_percent=_longer(recording, free, HIGH, 50),
        high_p99_percent=_longer(recording, free, HIGH, 99),
        low_throughput_percent=100.0 * (recording.tokens[LOW] / free.tokens[LOW] - 1.0),
        low_p50_percent=_longer(recording, free, LOW, 50),
        megajoules=float(recording.watts.sum()) / 1e6,
        tokens=sum(recording.tokens.values()),
        actions=recording.actions,
    )


def longest_run(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Returns the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _longer(recording: Recording, free: Recording, priority: int, percentile: float) -> float:
    ours, theirs = (_latency(one, free, priority, percentile) for one in (recording, free))
    return 100.0 * (ours / theirs - 1.0)


def _latency(one: Recording, free: Recording, priority: int, percentile: float) -> float:
    """Of the requests that were done without limits; one that now is not took longer than any."""
    judged = (free.priority == priority) & np.isfinite(free.latency)
    latency: Floats = np.where(np.isfinite(one.latency), one.latency, np.inf)[judged]
    return float(np.percentile(latency, percentile, method="lower"))
