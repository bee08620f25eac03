"""Upper concave hulls of options: the steps that water-filling may take."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recommender.planner.solver.problem import Choice, Floats, Problem


@dataclass(frozen=True)
class Steps:
    """Steps along the hulls of all rows, the most worth per watt first.

    Attributes:
        row: Whose, shape (steps,).
        column: The option that a step leads to.
        watts: How many more it draws; above 0.
        value: How much more it is worth; above 0.
    """

    row: Choice
    column: Choice
    watts: Floats
    value: Floats


def least_options(problem: Problem) -> Choice:
    """Returns the option of least watts in each row, the worthiest of equals."""
    least = problem.watts.min(axis=1, keepdims=True)
    choice: Choice = np.where(problem.watts == least, problem.value, -np.inf).argmax(axis=1)
    return choice


def hull_steps(problem: Problem) -> Steps:
    """Returns the hulls' steps above the least options; in each row they appear in order."""
    found = [
        (row, column, *rise)
        for row in range(len(problem.watts))
        for column, rise in _row_steps(problem.watts[row], problem.value[row])
    ]
    table = np.array(found, dtype=np.float64).reshape(-1, 4)
    order = np.argsort(-(table[:, 3] / table[:, 2]), kind="stable")
    row, column, watts, value = table[order].T
    return Steps(row.astype(np.int64), column.astype(np.int64), watts, value)


def _row_steps(watts: Floats, value: Floats) -> list[tuple[int, tuple[float, float]]]:
    """Walks the options by watts and keeps those on the upper concave hull, the first as the start."""
    order = np.lexsort((-value, watts))
    best = np.maximum.accumulate(value[order])
    better = np.append(True, best[1:] > best[:-1])
    order = order[better & np.isfinite(watts[order])]
    hull: list[tuple[int, float, float]] = []
    for point in zip(order.tolist(), watts[order].tolist(), value[order].tolist(), strict=True):
        while len(hull) > 1 and _below(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return [(b[0], (b[1] - a[1], b[2] - a[2])) for a, b in pairwise(hull)]


def _below(a: tuple[int, float, float], b: tuple[int, float, float], c: tuple[int, float, float]) -> bool:
    return (b[2] - a[2]) * (c[1] - b[1]) <= (c[2] - b[2]) * (b[1] - a[1])
