"""Most probable parameters by Levenberg-Marquardt: prior and measurements, damped by Huber's weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 60
_HUBER = 1.5


def fit(residuals: Callable[[Array], Array], prior: Array, deviation: Array) -> Array:
    """Minimises the damped sum of squared residuals plus the prior's.

    Args:
        residuals: Of the measurements at some parameters, in standard deviations.
        prior: Expected parameters; the start.
        deviation: Their standard deviations.
    """
    found, damping = prior.copy(), 1e-2
    cost = _cost(residuals(found), found, prior, deviation)
    for _ in range(_STEPS):
        here = residuals(found)
        weight = 1.0 / np.maximum(1.0, np.abs(here) / _HUBER)
        slope = _jacobian(residuals, found, here)
        normal = slope.T @ (weight[:, None] * slope) + np.diag(deviation**-2.0)
        gradient = slope.T @ (weight * here) + (found - prior) / deviation**2
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -gradient)
        reached = _cost(residuals(found + step), found + step, prior, deviation)
        if reached < cost:
            found, cost, damping = found + step, reached, damping / 3
            if np.abs(step).max() < 1e-6:
                break
        else:
            damping *= 4
    return found


def _cost(residuals: Array, at: Array, prior: Array, deviation: Array) -> float:
    size = np.abs(residuals)
    damped = np.where(size <= _HUBER, size**2 / 2, _HUBER * (size - _HUBER / 2))
    return float(damped.sum() + (((at - prior) / deviation) ** 2).sum() / 2)


def _jacobian(residuals: Callable[[Array], Array], at: Array, here: Array) -> Array:
    width = 1e-5
    columns = [(residuals(at + width * unit) - here) / width for unit in np.eye(len(at))]
    return np.stack(columns, axis=1)
