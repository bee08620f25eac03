"""Least absolute deviations with a ridge, for a batch of series at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ROUNDS = 6
_SMALLEST_RESIDUAL = 0.02
_SMALLEST_SCALE = 1e-9


def fit_median(features: Array, changes: Array, weights: Array, ridge: float) -> Array:
    """Fits the conditional median by iteratively reweighted least squares.

    Squared errors would be led by the jumps; WAPE is a sum of absolute errors, whose optimum is the median.

    Args:
        features: Shape (series, samples, features).
        changes: To be explained, shape (series, samples).
        weights: Of the samples, 0 for one to leave out, shape (series, samples).
        ridge: Penalty in units of the features' mean square.

    Returns:
        Coefficients, shape (series, features).
    """
    total = np.maximum(weights.sum(axis=1), 1e-12)[:, None]
    scale = np.sqrt(np.einsum("snf,sn->sf", features**2, weights) / total) + _SMALLEST_SCALE
    scaled = features / scale[:, None, :]
    penalty = ridge * np.eye(features.shape[2])
    beta: Array = np.zeros(scale.shape)
    weighted = weights
    for _ in range(_ROUNDS):
        lifted = (scaled * weighted[..., None]).swapaxes(1, 2) / total[..., None]
        beta = np.linalg.solve(lifted @ scaled + penalty, lifted @ changes[..., None])[..., 0]
        residual = np.abs(changes - (scaled @ beta[..., None])[..., 0])
        weighted = weights / np.maximum(residual, _SMALLEST_RESIDUAL)
    coefficients: Array = beta / scale
    return coefficients
