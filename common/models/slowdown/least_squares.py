"""Least squares under the condition that no coefficient is negative."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_TOLERANCE = 1e-10


def nonnegative_least_squares(matrix: Array, target: Array) -> Array:
    """Returns the x >= 0 that minimises ``|matrix @ x - target|``.

    The active-set method of Lawson and Hanson, Solving Least Squares Problems (1974), chapter 23.

    Args:
        matrix: Shape (rows, columns).
        target: Shape (rows,).

    Returns:
        Shape (columns,).
    """
    solution: Array = np.zeros(matrix.shape[1])
    free = np.zeros(matrix.shape[1], dtype=bool)
    scale = np.abs(matrix.T @ target).max()
    for _ in range(3 * matrix.shape[1]):
        gradient = matrix.T @ (target - matrix @ solution)
        gradient[free] = -np.inf
        steepest = int(gradient.argmax())
        if gradient[steepest] <= _TOLERANCE * scale:
            break
        free[steepest] = True
        solution, free = _within_bounds(matrix, target, solution, free)
    return solution


def _within_bounds(
    matrix: Array, target: Array, solution: Array, free: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.bool_]]:
    """Solves for the free coefficients; those that would turn negative are fixed at zero, one by one."""
    while free.any():
        wanted: Array = np.zeros_like(solution)
        wanted[free] = np.linalg.lstsq(matrix[:, free], target, rcond=None)[0]
        negative = free & (wanted <= 0)
        if not negative.any():
            return wanted, free
        step = np.min(solution[negative] / (solution[negative] - wanted[negative] + 1e-300))
        solution = solution + step * (wanted - solution)
        free = free & (solution > _TOLERANCE * max(solution.max(), _TOLERANCE))
        solution = np.where(free, solution, 0.0)
    return solution, free
