"""Water-filling on the hulls: the worthiest watt first."""

from __future__ import annotations

import numpy as np

from recommender.planner.solver.hull import Steps, least_options
from recommender.planner.solver.problem import SLACK_WATTS, Choice, Problem


def fill(problem: Problem, steps: Steps) -> Choice:
    """Returns the least options, raised step by step while caps allow.

    A step that does not fit ends its row: what could still fit is the polish's to find.
    """
    choice = least_options(problem)
    left, groups = problem.slack_watts(choice)
    group = problem.group.tolist()
    room = groups.tolist()
    ended = np.zeros(len(choice), dtype=bool)
    for row, column, watts in zip(
        steps.row.tolist(), steps.column.tolist(), steps.watts.tolist(), strict=True
    ):
        if ended[row]:
            continue
        if watts > min(left, room[group[row]]) + SLACK_WATTS:
            ended[row] = True
            continue
        choice[row] = column
        left -= watts
        room[group[row]] -= watts
    return choice


def upper_bound(problem: Problem, steps: Steps) -> tuple[float, float]:
    """Returns the worth that no choice exceeds, and what one more watt is worth there.

    The linear relaxation under the cluster's cap alone: hull steps in order, the last one in part.
    """
    choice = least_options(problem)
    left = problem.slack_watts(choice)[0]
    used = np.cumsum(steps.watts)
    whole = int(np.searchsorted(used, left + SLACK_WATTS, side="right"))
    worth = problem.worth(choice) + float(steps.value[:whole].sum())
    if whole == len(used):
        return worth, 0.0
    price = float(steps.value[whole] / steps.watts[whole])
    return worth + price * (left - (float(used[whole - 1]) if whole else 0.0)), price
