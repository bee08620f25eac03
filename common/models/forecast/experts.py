"""Persistence, regression and analogs, learnt from one past and asked together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from common.models.forecast.analogs import Analogs
from common.models.forecast.features import Indices
from common.models.forecast.past import Past
from common.models.forecast.ridge import fit_median

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Opinions:
    """Changes of the logarithm that are expected.

    Attributes:
        medians: Shape (experts, horizons, series, origins); persistence first.
        upper: Bound before calibration, shape (horizons, series, origins).
    """

    medians: Array
    upper: Array


@dataclass(frozen=True)
class Experts:
    """What was learnt.

    Attributes:
        coefficients: Of the regression, shape (horizons, series, features).
        changes: States of the past with how the value changed after them.
        returns: The same states with where the value went, relative to the slowest level: a series that
            has jumped up is not expected to jump by as much again.
    """

    coefficients: Array
    changes: Analogs
    returns: Analogs

    @classmethod
    def learn(cls, past: Past) -> Experts:
        """Learns from all columns of a past."""
        origins = np.arange(past.times - 1)
        changes = np.stack([past.changes(origins, horizon) for horizon in past.settings.horizons])
        states, bandwidth = past.states(origins), past.settings.analog_bandwidth
        return cls(
            regress(past, origins),
            Analogs.learn(states, changes, bandwidth),
            Analogs.learn(states, changes - past.slowest(origins), bandwidth),
        )

    def opinions(self, past: Past, origins: Indices, excluded: NDArray[np.bool_] | None = None) -> Opinions:
        """Asks all experts at origins; the past up to each origin is read, nothing after it.

        Args:
            past: What is known.
            origins: Columns from which is forecast.
            excluded: Analogs that an origin may not use, shape (origins, samples).
        """
        states, share = past.states(origins), past.settings.upper_share
        median, upper_change = self.changes.quantiles(states, (0.5, share), excluded)
        upper_return = self.returns.quantiles(states, (share,), excluded)[0] + past.slowest(origins)
        # Above the record lies what has never been seen: that far only the calibration goes.
        upper = np.minimum(
            np.minimum(upper_change, upper_return), past.record[:, origins] - past.filled[:, origins]
        )
        medians = [np.zeros_like(median), self._regression(past, origins), median]
        return Opinions(np.stack(medians), upper)

    def with_coefficients(self, coefficients: Array) -> Experts:
        """Returns a copy whose regression has other coefficients."""
        return replace(self, coefficients=coefficients)

    def _regression(self, past: Past, origins: Indices) -> Array:
        return np.stack(
            [
                np.einsum("snf,sf->sn", np.nan_to_num(past.features(origins, horizon)), beta)
                for horizon, beta in zip(past.settings.horizons, self.coefficients, strict=True)
            ]
        )


def regress(past: Past, origins: Indices) -> Array:
    """Returns coefficients of the regression from some origins, shape (horizons, series, features)."""
    return np.stack([_regress_horizon(past, origins, horizon) for horizon in past.settings.horizons])


def _regress_horizon(past: Past, origins: Indices, horizon: int) -> Array:
    changes, features = past.changes(origins, horizon), past.features(origins, horizon)
    usable = np.isfinite(changes) & np.isfinite(features).all(axis=2)
    # WAPE sums watts, not percentages: an error counts in proportion to the level at which it is made.
    level = np.nan_to_num(np.exp(past.filled[:, origins] - np.nanmedian(past.filled, axis=1, keepdims=True)))
    return fit_median(
        np.nan_to_num(features),
        np.where(usable, changes, 0.0),
        np.where(usable, level, 0.0),
        past.settings.ridge,
    )
