"""The watts at which a workload slows down by so much, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.slowdown.model import SlowdownEstimate

Array = NDArray[np.float64]

_GRID = 512


@dataclass(frozen=True)
class WattsAtSlowdown:
    """The lowest limit that slows down by at most some share.

    Attributes:
        watts: As expected.
        lower: Under this limit the slowdown is more, even at the lower end of the interval.
        upper: From this limit on the slowdown is less, even at the upper end.
    """

    watts: float
    lower: float
    upper: float


def watts_at_slowdown(estimate: SlowdownEstimate, slowdown: float) -> WattsAtSlowdown:
    """Inverts an estimate and the ends of its interval.

    Args:
        estimate: With its limits ascending, the last of them unlimited.
        slowdown: 0.05 for five percent; at least 0.

    Raises:
        ValueError: A slowdown under 0, which no limit gives.
    """
    limits = estimate.limits_watts
    watts = estimate.curve.watts_at_slowdown(slowdown, float(limits[0]))
    unlimited = float(estimate.expected[-1])
    grid = np.linspace(limits[0], limits[-1], _GRID)
    low, high = (np.interp(grid, limits, _log(end / unlimited)) for end in (estimate.lower, estimate.upper))
    allowed = float(np.log1p(slowdown))
    return WattsAtSlowdown(
        watts, min(_first(grid, low <= allowed), watts), max(_first(grid, high <= allowed), watts)
    )


def _log(ratios: Array) -> Array:
    """Returns logarithms; intervals without bound, where few families are known, become very wide ones."""
    logs: Array = np.log(np.clip(ratios, 1e-9, 1e9))
    return logs


def _first(grid: Array, holds: NDArray[np.bool_]) -> float:
    """Returns the lowest limit from which on it holds; the highest limit where it never does."""
    broken = np.flatnonzero(~holds)
    return float(grid[min(int(broken[-1]) + 1, grid.size - 1)]) if broken.size else float(grid[0])
