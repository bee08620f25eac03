"""Persistence, regression and analogs, learnt from one past and asked together."""

from __future__ import annotations

from dataclasses import dataclass

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
        upper: Of the analogs, shape (horizons, series, origins).
    """

    medians: Array
    upper: Array


@dataclass(frozen=True)
class Experts:
    """What was learnt.

    Attributes:
        coefficients: Of the regression, shape (horizons, series, features).
        analogs: States of the past with what followed.
    """

    coefficients: Array
    analogs: Analogs
    returns: Analogs

    @classmethod
    def learn(cls, past: Past, until: int) -> Experts:
        """Learns from the columns before ``until`` alone."""
        settings = past.settings
        origins = np.arange(until - 1)
        changes = [past.changes(origins, horizon, until) for horizon in settings.horizons]
        coefficients = [
            _regression(past, origins, horizon, change)
            for horizon, change in zip(settings.horizons, changes, strict=True)
        ]
        analogs = Analogs.learn(past.states(origins), np.stack(changes), settings.analog_bandwidth)
        back = past.slow(origins)
        returns = Analogs.learn(past.states(origins), np.stack(changes) - back, settings.analog_bandwidth)
        return cls(np.stack(coefficients), analogs, returns)

    def opinions(self, past: Past, origins: Indices) -> Opinions:
        """Asks all experts at origins; the past up to each origin is read, nothing after it."""
        settings = past.settings
        regression = np.stack(
            [
                np.einsum("snf,sf->sn", np.nan_to_num(past.features(origins, horizon)), beta)
                for horizon, beta in zip(settings.horizons, self.coefficients, strict=True)
            ]
        )
        median, upper = self.analogs.quantiles(past.states(origins), (0.5, settings.upper_share))
        rmedian, rupper = self.returns.quantiles(past.states(origins), (0.5, settings.upper_share))
        back = past.slow(origins)
        import os
        mode=os.environ.get('MODE','min')
        u={'min':np.minimum(upper,rupper+back),'mean':(upper+rupper+back)/2,'level':rupper+back,'change':upper}[mode]
        ms=[np.zeros_like(median), regression, median]
        if os.environ.get('FOUR'): ms.append(rmedian+back)
        return Opinions(np.stack(ms), u)


def _regression(past: Past, origins: Indices, horizon: int, changes: Array) -> Array:
    features = past.features(origins, horizon)
    usable = np.isfinite(changes) & np.isfinite(features).all(axis=2)
    # An error of one percent costs watts in proportion to the level: WAPE weighs by level.
    level = np.exp(past.filled[:, origins] - np.nanmedian(past.filled, axis=1, keepdims=True))
    weights = np.where(usable, level, 0.0)
    return fit_median(
        np.nan_to_num(features), np.where(usable, changes, 0.0), np.nan_to_num(weights), past.settings.ridge
    )
