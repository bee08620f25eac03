"""Intervals from errors on days that were left out of the fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.models.dayahead.hourly import Floats

_NEIGHBOUR_HOURS = 1
RECENT_DAYS = 28
_NARROWEST = 0.8
_WIDEST = 4.0
_TINY = 1e-9


@dataclass(frozen=True)
class Bounds:
    """Quantiles of the transformed errors, per hour of the day, and how the last weeks compare.

    Attributes:
        lower: Shape (24,), added to a forecast.
        upper: Shape (24,), added to a forecast.
        share: Of the hours that shall lie between the bounds.
    """

    lower: Floats
    upper: Floats
    share: float

    @classmethod
    def fit(cls, forecasts: Floats, actual: Floats, share: float) -> Bounds:
        """Takes the quantiles that hold the share between them; hours beside each other are pooled.

        Args:
            forecasts: Made without the days they are about, shape (days, 24).
            actual: What came; NaN where unknown.
            share: Share of hours to lie between the bounds.
        """
        errors = actual - forecasts
        tail = (1 - share) / 2
        quantiles = [np.nanquantile(pool, [tail, 1 - tail]) for pool in _pools(errors)]
        lower, upper = np.array(quantiles).T
        return cls(np.minimum(lower, 0.0), np.maximum(upper, 0.0), share)

    def around(self, middle: Floats, actual: Floats) -> tuple[Floats, Floats]:
        """Returns the bounds of transformed forecasts, wider where the last weeks erred more than the fit.

        Args:
            middle: Forecasts made at the end of each day, shape (days, 24).
            actual: What those days themselves were, shape (days, 24); row ``i`` is known when the forecast
                of row ``i`` is made, and it is what row ``i - 1`` forecast.
        """
        errors = actual[1:] - middle[:-1]
        reach = np.where(errors > 0, errors / (self.upper + _TINY), errors / (self.lower - _TINY))
        width = np.array([self._width(reach[max(0, row - RECENT_DAYS) : row]) for row in range(len(middle))])
        return middle + self.lower * width[:, None], middle + self.upper * width[:, None]

    def _width(self, reach: Floats) -> float:
        known = reach[np.isfinite(reach)]
        if len(reach) < RECENT_DAYS or not known.size:
            return 1.0
        return float(np.clip(np.quantile(known, self.share), _NARROWEST, _WIDEST))


def _pools(errors: Floats) -> list[Floats]:
    """Returns for each hour the errors of it and its neighbours; of all hours where it has none."""
    every = errors[np.isfinite(errors)]
    hours = errors.shape[1]
    pools = []
    for hour in range(hours):
        near = errors[:, max(0, hour - _NEIGHBOUR_HOURS) : min(hours, hour + _NEIGHBOUR_HOURS + 1)]
        pool = near[np.isfinite(near)]
        pools.append(pool if pool.size else every)
    return pools


def relative_factor(forecasts: Floats, actual: Floats) -> float:
    """Returns the factor on the forecasts that minimises the mean relative error.

    The minimiser of ``mean |c · f / y - 1|`` is the median of ``y / f`` weighted by ``f / y`` (Gneiting,
    Making and evaluating point forecasts, 2011). 1 where values are not positive, since a relative error
    means nothing there.
    """
    known = np.isfinite(actual) & np.isfinite(forecasts)
    f, y = forecasts[known], actual[known]
    if not f.size or f.min() <= 0 or y.min() <= 0:
        return 1.0
    ratios = np.sort(y / f)
    weights = np.cumsum(1 / ratios)
    return float(ratios[np.searchsorted(weights, weights[-1] / 2)])
