"""Watts of one replica from its load, by kind of workload: from the nameplate on, learned with each reading.

``watts / nameplate = idle + batch · b/(b + 8) + out · tokens out + in · tokens in``, no coefficient under 0:
more load never means less power. The batch term bends as real servers do, whose draw rises steeply with
the first requests. Before any sample every load is expected to draw the nameplate; a few samples outweigh
that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.power.recursive import Fit, Moments, fit_moments

Array = NDArray[np.float64]

FEATURES = 4
_HALF_LIFE_SECONDS = 8 * 86400.0
"""Forgets slowly: a week of readings still counts."""
_BATCH_BEND = 8.0
_TOKENS = 1000.0
_PRIOR: Array = np.array([1.0, 0.0, 0.0, 0.0])
_PRECISION: Array = np.array([0.3, 0.3, 0.3, 0.3])
_PRIOR_VARIANCE = 0.02
_LEAST_SAMPLES = 12.0
_DEVIATIONS = 1.645
"""Of a normal distribution: 90 % lie within."""


@dataclass(frozen=True)
class ReplicaLoads:
    """What replicas are doing, one entry each; NaN where a server does not tell.

    Attributes:
        running: Requests in the batch.
        generated_per_second: Tokens out.
        prompt_per_second: Tokens in.
    """

    running: Array
    generated_per_second: Array
    prompt_per_second: Array

    @property
    def features(self) -> Array:
        """Returns the model's features, shape (replicas, 4)."""
        columns = np.stack([self.running, self.generated_per_second, self.prompt_per_second])
        running, out, into = np.nan_to_num(columns)
        return np.stack(
            [np.ones_like(running), running / (running + _BATCH_BEND), out / _TOKENS, into / _TOKENS], axis=1
        )


@dataclass(frozen=True)
class ExpectedWatts:
    """Of replicas at their loads: expectations, the ends of 90 % intervals, and how many samples tell."""

    watts: Array
    lower: Array
    upper: Array
    samples: float

    @property
    def confident(self) -> bool:
        """Whether enough was seen for the expectation to stand for a measurement."""
        return self.samples >= _LEAST_SAMPLES


class PowerModels:
    """One model for each kind of workload, by its key as text."""

    def __init__(self, known: Mapping[str, Moments] | None = None) -> None:
        self.moments: dict[str, Moments] = dict(known or {})
        self._fits: dict[str, Fit] = {}

    def observe(self, key: str, at: float, loads: ReplicaLoads, watts: Array, nameplate_watts: Array) -> None:
        """Takes what replicas of one kind drew that were not held by any limit."""
        known = np.isfinite(watts) & (nameplate_watts > 0)
        if not known.any():
            return
        moments = self.moments.setdefault(key, Moments.nothing(FEATURES))
        shares = watts[known] / nameplate_watts[known]
        moments.add(at, loads.features[known], shares, _HALF_LIFE_SECONDS)
        self._fits.pop(key, None)

    def expected(self, key: str, loads: ReplicaLoads, nameplate_watts: Array) -> ExpectedWatts:
        """Returns what replicas of some kind draw at their loads where nothing holds them."""
        mean, deviation = self._fit(key).predict(loads.features)
        low, middle, high = (
            np.clip(share, 0.0, 1.0) * nameplate_watts
            for share in (mean - _DEVIATIONS * deviation, mean, mean + _DEVIATIONS * deviation)
        )
        samples = self.moments[key].count if key in self.moments else 0.0
        return ExpectedWatts(middle, low, high, samples)

    def forget(self, at: float, after_seconds: float) -> None:
        """Drops kinds of which nothing was seen for a while."""
        for key in [key for key, seen in self.moments.items() if at - seen.last > after_seconds]:
            del self.moments[key]
            self._fits.pop(key, None)

    def _fit(self, key: str) -> Fit:
        if key not in self._fits:
            moments = self.moments.get(key) or Moments.nothing(FEATURES)
            self._fits[key] = fit_moments(moments, _PRIOR, _PRECISION, _PRIOR_VARIANCE)
        return self._fits[key]
