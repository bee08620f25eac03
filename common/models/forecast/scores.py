"""How good forecasts were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def wape_percent(forecast: Array, actual: Array) -> float:
    """Returns the sum of absolute errors in percent of the sum of the values; NaN is left out."""
    known = np.isfinite(forecast) & np.isfinite(actual)
    total = float(np.abs(actual[known]).sum())
    return 100.0 * float(np.abs(forecast[known] - actual[known]).sum()) / total if total > 0 else float("nan")


def coverage_percent(upper: Array, actual: Array) -> float:
    """Returns the percentage of known values at or under their bound."""
    known = np.isfinite(upper) & np.isfinite(actual)
    return 100.0 * float(np.mean(actual[known] <= upper[known])) if known.any() else float("nan")


def skill(forecast: Array, baseline: Array, actual: Array) -> float:
    """Returns 1 for a perfect forecast, 0 for one as good as the baseline, less for a worse one.

    Only values for which both exist are compared.
    """
    both = np.where(np.isfinite(forecast) & np.isfinite(baseline), actual, np.nan)
    reference = wape_percent(baseline, both)
    return 1.0 - wape_percent(forecast, both) / reference if reference > 0 else float("nan")
