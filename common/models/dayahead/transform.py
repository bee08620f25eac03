"""A scale on which errors are alike at low and high levels, and which negative prices survive.

The inverse hyperbolic sine is close to linear under its scale and to a logarithm above it; it is the usual
transform for electricity prices (Uniejewski, Weron, Ziel: Variance stabilizing transformations for
electricity spot price forecasting, 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.models.dayahead.hourly import Floats

# On the logarithmic part a step of two is a factor of seven: a guard, not a forecast of the range.
_REACH = 2.0


@dataclass(frozen=True)
class Transform:
    """``asinh(value / scale)`` and back, within a reach that keeps an extrapolation from exploding.

    Attributes:
        scale: In the unit of the series.
        lowest: Least transformed value that is turned back.
        highest: Greatest transformed value that is turned back.
    """

    scale: float
    lowest: float
    highest: float

    @classmethod
    def fit(cls, values: Floats, scale_share: float) -> Transform:
        """Takes scale and reach from the finite values of a history; the reach is wider than seen."""
        known = values[np.isfinite(values)]
        scale = max(float(np.median(np.abs(known))) * scale_share, 1e-6)
        low, high = float(np.arcsinh(known.min() / scale)), float(np.arcsinh(known.max() / scale))
        # What was never negative (a carbon intensity) is not forecast to be.
        lowest = max(0.0, low - _REACH) if low >= 0 else low - _REACH
        return cls(scale, lowest, high + _REACH)

    def forward(self, values: Floats) -> Floats:
        """Returns the values on the transformed scale; NaN stays NaN."""
        return np.arcsinh(values / self.scale)

    def back(self, transformed: Floats) -> Floats:
        """Returns transformed values in the unit of the series."""
        return np.sinh(np.clip(transformed, self.lowest, self.highest)) * self.scale
