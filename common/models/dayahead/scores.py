"""How good forecasts were; hours that either side does not know are not scored."""

from __future__ import annotations

import numpy as np

from common.models.dayahead.hourly import Floats


def mape_percent(forecast: Floats, actual: Floats) -> float:
    """Returns the mean absolute error in percent of what came; hours at or below zero are not scored."""
    scored = np.isfinite(forecast) & np.isfinite(actual) & (actual > 0)
    return float(100 * np.mean(np.abs(forecast[scored] - actual[scored]) / actual[scored]))


def mean_absolute_error(forecast: Floats, actual: Floats) -> float:
    """Returns the mean absolute error in the unit of the series."""
    return float(np.nanmean(np.abs(forecast - actual)))


def coverage_percent(lower: Floats, upper: Floats, actual: Floats) -> float:
    """Returns the share of hours between the bounds, in percent."""
    known = np.isfinite(actual)
    return float(100 * np.mean((actual[known] >= lower[known]) & (actual[known] <= upper[known])))
