"""One workload's slowdown as a function of the power limit, and its inverse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.slowdown.least_squares import nonnegative_least_squares

Array = NDArray[np.float64]

_BISECTIONS = 60


@dataclass(frozen=True)
class SlowdownCurve:
    """``S(P) = C + sum_k A_k (P0_k - P/Pmax)^2 + B_k (P0_k - P/Pmax)``, over the knees above ``P/Pmax``.

    Attributes:
        max_watts: Pmax, the limit that counts as none.
        knees: P0_k as shares of Pmax, shape (knees,).
        quadratic: A_k, at least 0.
        linear: B_k, at least 0.
        constant: C, above 0: the run time where no knee binds, in the unit that was fitted.
    """

    max_watts: float
    knees: Array
    quadratic: Array
    linear: Array
    constant: float

    def seconds(self, limits_watts: Array) -> Array:
        """Returns S at limits, in the unit that was fitted (seconds, or a ratio), same shape."""
        short = np.maximum(
            self.knees - np.asarray(limits_watts, dtype=np.float64)[..., None] / self.max_watts, 0
        )
        total: Array = short**2 @ self.quadratic + short @ self.linear + self.constant
        return total

    def slowdown(self, limits_watts: Array) -> Array:
        """Returns how much longer the work takes than unlimited: 0.05 for five percent, same shape."""
        return self.seconds(limits_watts) / self.seconds(np.array(self.max_watts)) - 1.0

    def watts_at_slowdown(self, slowdown: float, floor_watts: float = 0.0) -> float:
        """Returns the lowest limit that slows down by at most this share.

        Args:
            slowdown: 0.05 for five percent; at least 0.
            floor_watts: The lowest limit that the device takes.

        Raises:
            ValueError: A slowdown under 0, which no limit gives.
        """
        if slowdown < 0:
            raise ValueError(f"slowdown must be at least 0, not {slowdown}")
        low, high = floor_watts, self.max_watts
        if self.slowdown(np.array(low)) <= slowdown:
            return low
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.slowdown(np.array(middle)) > slowdown else (low, middle)
        return high


def fit_curve(limits_watts: Array, seconds: Array, precision: Array | None = None) -> SlowdownCurve:
    """Fits a curve to measured or expected times, by relative errors.

    Args:
        limits_watts: Ascending, shape (limits,); the last is Pmax.
        seconds: Shape (limits,).
        precision: Inverse covariance of the relative errors, shape (limits, limits); equal ones when None.

    Returns:
        A curve with a knee at every limit above the lowest.
    """
    maximum = float(limits_watts[-1])
    knees = limits_watts[1:] / maximum
    short = np.maximum(knees - (limits_watts / maximum)[:, None], 0)
    terms = np.concatenate([short**2, short, np.ones((limits_watts.size, 1))], axis=1) / seconds[:, None]
    root = np.eye(limits_watts.size) if precision is None else np.linalg.cholesky(precision).T
    found = nonnegative_least_squares(root @ terms, root @ np.ones(limits_watts.size))
    count = knees.size
    return SlowdownCurve(maximum, knees, found[:count], found[count : 2 * count], float(found[-1]))
