"""What may be expected of a series within a horizon, and who can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

UPPER_SHARE = 0.99
_LEAST_SPAN = 0.2
_FEW = 3
RECENT_RISES = "RecentRises"
CALIBRATED = "CalibratedRises"
MODELLED = "LearnedModel"


@dataclass(frozen=True)
class Outlook:
    """The next ``horizon_seconds`` of one series.

    Attributes:
        horizon_seconds: How far ahead.
        level_watts: Now.
        median_watts: Expected at the end of the horizon.
        peaks: Sorted samples of the highest value within the horizon; empty without history.
        span_seconds: How much history they rest on.
        calibrated_upper_watts: 99 % bound of the peak that has been held against what came; None where only
            the samples tell.
        basis: ``RecentRises`` (the rises of the last half hour), ``CalibratedRises`` (all that came true, in
            units of how restless the series is) or ``LearnedModel`` (the same around a fitted model).
    """

    horizon_seconds: float
    level_watts: float
    median_watts: float
    peaks: NDArray[np.float64]
    span_seconds: float
    calibrated_upper_watts: float | None = None
    basis: str = RECENT_RISES

    @property
    def too_short(self) -> bool:
        """Whether the history is under a fifth of the horizon, so that probabilities would be invented."""
        return self.span_seconds < _LEAST_SPAN * self.horizon_seconds

    def upper_watts(self, ceiling_watts: float) -> float:
        """Returns the peak that 99 % of the past would not have exceeded; at most a known ceiling.

        History shorter than the horizon cannot have seen every rise: the bound starts at the ceiling and
        comes down to the empirical one in proportion to what has been seen.
        """
        seen = min(1.0, self.span_seconds / self.horizon_seconds)
        empirical = self._empirical_upper()
        expected = empirical + max(0.0, ceiling_watts - empirical) * (1.0 - seen)
        return min(expected, max(ceiling_watts, self.level_watts)) if ceiling_watts > 0 else expected

    def _empirical_upper(self) -> float:
        if self.calibrated_upper_watts is not None:
            return self.calibrated_upper_watts
        return float(np.quantile(self.peaks, UPPER_SHARE)) if self.peaks.size else self.level_watts

    def breach_probability(self, cap_watts: float) -> float:
        """Returns the share of the past whose rise would break the cap from here (Jeffreys' estimate).

        Samples of less than one horizon all overlap: they count as three, so that nothing is certain.
        """
        if self.level_watts > cap_watts:
            return 1.0
        above = self.peaks.size - int(np.searchsorted(self.peaks, cap_watts, side="right"))
        count = self.peaks.size if self.span_seconds >= self.horizon_seconds else _FEW
        return (above / max(self.peaks.size, 1) * count + 0.5) / (count + 1.0)


class Forecaster(Protocol):
    """Learns series as they come, and says what may come next."""

    def observe(self, at: float, watts: Mapping[str, float]) -> None:
        """Takes the values of all series at a Unix time; a series that is absent has a gap."""
        ...

    def outlook(self, series: str) -> Outlook | None:
        """Returns what may come; None for a series never seen."""
        ...
