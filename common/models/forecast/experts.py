"""Persistence, regression and analogs, learnt from one past and asked together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from common.models.forecast.analogs import Analogs
from common.models.forecast.calibration import upper_quantile
from common.models.forecast.features import Indices
from common.models.forecast.past import Past
from common.models.forecast.ridge import fit_median

Array = NDArray[np.float64]

_LEAST_RATIO = 0.1  # a fall by most of the usual level, seen from under it, would be one below zero
ANALOG_STRIDE = 2  # neighbouring states say nearly the same, and the cost is in proportion


@dataclass(frozen=True)
class Opinions:
    """Changes of the logarithm that are expected.

    Attributes:
        medians: Shape (experts, horizons, series, origins); persistence first.
        upper: Bound before calibration, over the present value, shape (horizons, series, origins).
        unit: What a bound is moved in, likewise over the present value, shape (series, origins).
    """

    medians: Array
    upper: Array
    unit: Array

    @classmethod
    def joined(cls, parts: Sequence[Opinions]) -> Opinions:
        """Returns the opinions at the origins of all parts, in their order."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names))

    def scores(self, changes: Array) -> Array:
        """Returns how far values went over the bounds, in their unit; changes are of the logarithm."""
        scores: Array = (np.exp(changes) - self.upper) / self.unit
        return scores


@dataclass(frozen=True)
class Experts:
    """What was learnt.

    Attributes:
        coefficients: Of the regression, shape (horizons, series, features).
        spread: By which the regression was exceeded in the share outside a bound, (horizons, series).
        analogs: States of the past with what followed, seen in two ways for each horizon: by how much of
            the usual level the value rose, and where it went relative to that level, since a series that
            has jumped up is not expected to jump by as much again.
    """

    coefficients: Array
    spread: Array
    analogs: Analogs

    @classmethod
    def learn(cls, past: Past) -> Experts:
        """Learns from all columns of a past."""
        origins = np.arange(0, past.times - 1, ANALOG_STRIDE)
        changes = np.stack([past.changes(origins, horizon) for horizon in past.settings.horizons])
        usual = past.usual(origins)
        outcomes = np.concatenate([np.expm1(changes) / usual, np.exp(changes) / usual])
        analogs = Analogs.learn(past.states(origins), outcomes, past.settings.analog_bandwidth)
        coefficients = regress(past, np.arange(past.times - 1))
        residuals = changes - regression(past, origins, coefficients)
        return cls(coefficients, upper_quantile(residuals, past.settings.analog_share), analogs)

    def opinions(self, past: Past, origins: Indices, excluded: NDArray[np.bool_] | None = None) -> Opinions:
        """Asks all experts at origins; the past up to each origin is read, nothing after it.

        Args:
            past: What is known.
            origins: Columns from which is forecast.
            excluded: Analogs that an origin may not use, shape (origins, samples).
        """
        shares = (0.5, past.settings.analog_share)
        median, high = self.analogs.quantiles(past.states(origins), shares, excluded)
        horizons = len(past.settings.horizons)
        usual = past.usual(origins)
        familiar = self.analogs.familiar(past.states(origins))
        # After a jump out of all that was seen the usual level lags: what comes goes with the present one.
        size = np.where(familiar, usual, np.maximum(usual, 1.0))
        risen, reached = 1.0 + high[:horizons] * size, high[horizons:] * usual
        expected = regression(past, origins, self.coefficients)
        bound = np.minimum(risen, np.minimum(reached, np.exp(expected + self.spread[..., None])))
        bound = np.where(familiar, bound, risen)
        # Above the record lies what has never been seen: that far only the calibration goes.
        upper = np.minimum(bound, np.exp(past.record[:, origins] - past.filled[:, origins]))
        likely = np.log(np.maximum(1.0 + median[:horizons] * usual, _LEAST_RATIO))
        medians = np.stack([np.zeros_like(likely), expected, likely])
        return Opinions(medians, upper, size * past.restlessness(origins))

    def with_coefficients(self, coefficients: Array) -> Experts:
        """Returns a copy whose regression has other coefficients."""
        return replace(self, coefficients=coefficients)


def regression(past: Past, origins: Indices, coefficients: Array) -> Array:
    """Returns the changes that a regression expects, shape (horizons, series, origins)."""
    return np.stack(
        [
            np.einsum("snf,sf->sn", np.nan_to_num(past.features(origins, horizon)), beta)
            for horizon, beta in zip(past.settings.horizons, coefficients, strict=True)
        ]
    )


def regress(past: Past, origins: Indices) -> Array:
    """Returns coefficients of the regression from some origins, shape (horizons, series, features)."""
    return np.stack([_regress_horizon(past, origins, horizon) for horizon in past.settings.horizons])


def _regress_horizon(past: Past, origins: Indices, horizon: int) -> Array:
    changes, features = past.changes(origins, horizon), past.features(origins, horizon)
    usable = np.isfinite(changes) & np.isfinite(features).all(axis=2)
    # WAPE sums watts, not percentages: an error counts in proportion to the level at which it is made.
    level = np.nan_to_num(np.exp(past.filled[:, origins] - _typical(past)))
    return fit_median(
        np.nan_to_num(features),
        np.where(usable, changes, 0.0),
        np.where(usable, level, 0.0),
        past.settings.ridge,
    )


def _typical(past: Past) -> Array:
    """Returns the median logarithm of each series, shape (series, 1); 0 for one without any value."""
    known = np.isfinite(past.filled)
    return np.asarray(np.nanmedian(np.where(known.any(axis=1, keepdims=True), past.filled, 0.0), axis=1))[
        :, None
    ]
