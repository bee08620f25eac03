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
Single = NDArray[np.float32]

_FAR = 1e9


@dataclass(frozen=True)
class Analogs:
    """The past of every series as states and what followed them.

    Weights are kept in single precision: they are compared, not added to anything measured.

    Attributes:
        states: Standardised, shape (series, samples, state variables).
        scale: By which states were divided, shape (series, 1, state variables).
        outcomes: Sorted by size, shape (kinds, series, samples); unknown ones last, as NaN.
        order: Which sample each of them followed, same shape.
        bandwidth: Of the kernel, in standard deviations.
    """

    states: Single
    scale: Array
    outcomes: Array
    order: NDArray[np.int64]
    bandwidth: float

    @classmethod
    def learn(cls, states: Array, outcomes: Array, bandwidth: float) -> Analogs:
        """Remembers states, shape (series, samples, variables), and outcomes, (kinds, series, samples)."""
        seen = np.isfinite(states).any(axis=1, keepdims=True)
        scale = np.nanstd(np.where(seen, states, 0.0), axis=1, keepdims=True) + 1e-9
        order = np.argsort(outcomes, axis=2)
        sorted_outcomes = np.take_along_axis(outcomes, order, axis=2)
        return cls((states / scale).astype(np.float32), scale, sorted_outcomes, order, bandwidth)

    def familiar(self, states: Array) -> NDArray[np.bool_]:
        """Returns whether states lie within what was seen, shape (series, queries)."""
        scaled = (states / self.scale).astype(np.float32)
        lowest, highest = (edge[:, None, :] for edge in (self.states.min(axis=1), self.states.max(axis=1)))
        inside: NDArray[np.bool_] = ((scaled >= lowest) & (scaled <= highest)).all(axis=2)
        return inside

    def quantiles(
        self, states: Array, shares: Sequence[float], excluded: NDArray[np.bool_] | None = None
    ) -> Array:
        """Returns quantiles of the outcomes after each state.

        Args:
            states: Shape (series, queries, variables).
            shares: Of the distribution, each in (0, 1).
            excluded: Samples that a query may not use, shape (queries, samples).

        Returns:
            Shape (shares, kinds, series, queries); 0 where nothing is known.
        """
        found = np.zeros((len(shares), len(self.outcomes), *states.shape[:2]))
        for series, asked in enumerate((states / self.scale).astype(np.float32)):
            weight = self._weights(self.states[series], asked, excluded)
            for kind, (outcomes, order) in enumerate(
                zip(self.outcomes[:, series], self.order[:, series], strict=True)
            ):
                known = order[: np.count_nonzero(np.isfinite(outcomes))]
                if known.size:
                    below = np.cumsum(weight[known], axis=0)
                    for row, share in enumerate(shares):
                        first = np.argmax(below >= np.float32(share) * below[-1], axis=0)
                        found[row, kind, series] = outcomes[first]
        return found

    def _weights(self, known: Single, asked: Single, excluded: NDArray[np.bool_] | None) -> Single:
        """Returns weights of one series' samples for queries, shape (samples, queries)."""
        distance: Single = known @ (-2.0 * asked.T)
        distance += (known**2).sum(axis=1)[:, None]
        distance += (asked**2).sum(axis=1)
        np.nan_to_num(distance, copy=False, nan=_FAR)
        if excluded is not None:
            distance[excluded.T] = _FAR
        # The nearest counts 1 however far it is, so that a state never seen before still has analogs.
        distance -= distance.min(axis=0)
        distance *= np.float32(-0.5 / (asked.shape[1] * self.bandwidth**2))
        weights: Single = np.exp(distance, out=distance)
        return weights
