"""What followed the most similar states of the past: a conditional distribution without an assumed shape.

A load that switches between two levels has a median and a tail that no linear model of the level gives. The
estimator is the kernel-weighted conditional quantile (Nadaraya-Watson weights on the empirical distribution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Analogs:
    """The past of every series as states and what followed them.

    Attributes:
        states: Standardised, shape (series, samples, state variables).
        scale: By which states were divided, shape (series, 1, state variables).
        changes: Sorted by size, shape (horizons, series, samples); unknown ones last, as NaN.
        order: Which sample each of them followed, same shape.
        bandwidth: Of the kernel, in standard deviations.
    """

    states: Array
    scale: Array
    changes: Array
    order: NDArray[np.int64]
    bandwidth: float

    @classmethod
    def learn(cls, states: Array, changes: Array, bandwidth: float) -> Analogs:
        """Remembers states, shape (series, samples, variables), and changes, (horizons, series, samples)."""
        scale = np.nanstd(states, axis=1, keepdims=True) + 1e-9
        order = np.argsort(changes, axis=2)
        return cls(states / scale, scale, np.take_along_axis(changes, order, axis=2), order, bandwidth)

    def quantiles(
        self, states: Array, shares: Sequence[float], excluded: NDArray[np.bool_] | None = None
    ) -> Array:
        """Returns quantiles of the change after each state.

        Args:
            states: Shape (series, queries, variables).
            shares: Of the distribution, each in (0, 1).
            excluded: Samples that a query may not use, shape (queries, samples).

        Returns:
            Shape (shares, horizons, series, queries); 0 where nothing is known.
        """
        weights = self._weights(states / self.scale, excluded)
        found = np.zeros((len(shares), len(self.changes), *states.shape[:2]))
        for horizon, (changes, order) in enumerate(zip(self.changes, self.order, strict=True)):
            known = np.isfinite(changes)
            ranked = np.take_along_axis(weights, order[:, None, :], axis=2) * known[:, None, :]
            below = np.cumsum(ranked, axis=2)
            values = np.where(known, changes, 0.0)
            for row, share in enumerate(shares):
                first = np.argmax(below >= share * below[..., -1:], axis=2)
                found[row, horizon] = np.take_along_axis(values, first, axis=1)
        return found

    def _weights(self, states: Array, excluded: NDArray[np.bool_] | None) -> Array:
        distance = sum(
            (states[:, :, None, k] - self.states[:, None, :, k]) ** 2 for k in range(states.shape[2])
        )
        distance = np.nan_to_num(np.asarray(distance) / states.shape[2], nan=1e9)
        if excluded is not None:
            distance = np.where(excluded, 1e9, distance)
        # The nearest counts 1 however far it is, so that a state never seen before still has analogs.
        distance -= distance.min(axis=2, keepdims=True)
        weights: Array = np.exp(-0.5 * distance / self.bandwidth**2)
        return weights
