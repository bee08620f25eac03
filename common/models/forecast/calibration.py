"""Which expert to trust, and how far to move a bound: both learn from what has come true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEAST_WEIGHT = 0.02


def upper_quantile(values: Array, share: float) -> Array:
    """Returns the quantile over the last axis, NaN left out; 0 where nothing is known."""
    known = np.where(np.isfinite(values).any(axis=-1, keepdims=True), values, 0.0)
    return np.asarray(np.nanquantile(known, share, axis=-1), dtype=np.float64)


class ExpertTrust:
    """Blend weights from decayed absolute errors (exponentially weighted experts).

    Args:
        losses: Mean absolute errors so far, shape (experts, ...).
        half_life: In updates.
        sharpness: Exponent per relative difference of the losses.
    """

    def __init__(self, losses: Array, half_life: float, sharpness: float) -> None:
        self._losses = losses
        self._share = 1.0 - 0.5 ** (1.0 / half_life)
        self._sharpness = sharpness

    @property
    def weights(self) -> Array:
        """Returns weights of the experts, each at least 2 % before they are made to sum to 1."""
        mean = np.maximum(self._losses.mean(axis=0), 1e-12)
        excess = (self._losses - self._losses.min(axis=0)) / mean
        raw = np.maximum(np.exp(-self._sharpness * excess), _LEAST_WEIGHT)
        shares: Array = raw / raw.sum(axis=0)
        return shares

    def learn(self, losses: Array) -> None:
        """Takes the absolute errors of forecasts that have come due; NaN where there was a gap."""
        moved = self._losses + self._share * (losses - self._losses)
        self._losses = np.where(np.isnan(losses), self._losses, moved)


class BoundOffset:
    """Moves a bound until it is exceeded as often as it should be, whatever the series does.

    Online quantile tracking (adaptive conformal inference, Gibbs and Candes 2021): up by a large step when
    the bound was exceeded, down by a small one when not. Over T values the share that exceeds the bound
    differs from the wanted one by at most about the range of the scores over ``rate * spread * T``.

    Args:
        scores: Of held-out forecasts, value less bound, shape (..., samples), NaN for gaps.
        share: That shall lie under the bound.
        rate: Step, in spreads of the scores.
    """

    def __init__(self, scores: Array, share: float, rate: float) -> None:
        known = np.where(np.isfinite(scores).any(axis=-1, keepdims=True), scores, 0.0)
        self._share = share
        self._step = rate * np.nanstd(known, axis=-1)
        self.offsets: Array = upper_quantile(scores, share)

    def learn(self, scores: Array) -> None:
        """Takes scores, against the bound without offset, that have come due; NaN for a gap."""
        exceeded = scores > self.offsets
        move = self._step * (exceeded - (1.0 - self._share))
        self.offsets = self.offsets + np.where(np.isnan(scores), 0.0, move)
