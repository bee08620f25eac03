"""What is expected of a workload before anything was tried: what like workloads did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.slowdown.settings import SlowdownSettings
from common.models.slowdown.sweeps import Sweep

Array = NDArray[np.float64]

_LEAST_LIKENESS = 1e-3
_NOVELTY_REACH = 2.0


@dataclass(frozen=True)
class Prior:
    """A Gaussian over the logarithm of the slowdown at some limits.

    Attributes:
        mean: Shape (limits,).
        covariance: Shape (limits, limits).
    """

    mean: Array
    covariance: Array

    def at(self, known_watts: Array, limits_watts: Array) -> Prior:
        """Returns the prior at other limits, interpolated between those it was made for."""
        weights = np.stack(
            [np.interp(limits_watts, known_watts, row) for row in np.eye(known_watts.size)], axis=1
        )
        return Prior(weights @ self.mean, weights @ self.covariance @ weights.T)


class Library:
    """Sweeps of one kind of device on common limits.

    Args:
        sweeps: At least two.
        settings: Assumptions.
    """

    def __init__(self, sweeps: Sequence[Sweep], settings: SlowdownSettings) -> None:
        if len(sweeps) < 2:
            raise ValueError("a slowdown model needs two sweeps or more")
        self._settings = settings
        self.limits_watts: Array = np.unique(np.concatenate([sweep.limits_watts for sweep in sweeps]))
        self._draws = np.array([sweep.draw_watts for sweep in sweeps]) / self.limits_watts[-1]
        self._curves = np.stack([sweep.log_slowdown(self.limits_watts) for sweep in sweeps])
        members = Counter(sweep.family for sweep in sweeps)
        self._votes = np.array([members[sweep.family] ** -0.5 for sweep in sweeps])

    def prior(self, draw_watts: float) -> Prior:
        """Returns what is expected of a workload that draws so much uncapped.

        The mean is a local linear regression of the curves on the draw, the covariance that of its
        residuals, both weighted by likeness; a large family counts for more, but not in proportion.
        """
        settings = self._settings
        distance = self._draws - draw_watts / self.limits_watts[-1]
        weights = self._votes * (np.exp(-0.5 * (distance / settings.likeness) ** 2) + _LEAST_LIKENESS)
        weights = weights / weights.sum()
        design = np.stack([np.ones_like(distance), distance], axis=1)
        penalty = np.diag([0.0, settings.slope_penalty * settings.likeness**2])
        weighted = design.T * weights
        coefficients = np.linalg.solve(weighted @ design + penalty, weighted @ self._curves)
        residuals = self._curves - design @ coefficients
        steps = np.arange(self.limits_watts.size)
        novelty = settings.novelty**2 * np.exp(-np.abs(steps[:, None] - steps) / _NOVELTY_REACH)
        return Prior(coefficients[0], (residuals.T * weights) @ residuals + novelty)
