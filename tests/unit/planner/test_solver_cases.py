"""Small problems whose answer is plain."""

import numpy as np
import pytest

from recommender.planner.solver import Problem, solve
from recommender.planner.solver.polish import polish

INF = np.inf


@pytest.mark.parametrize(
    ("what", "watts", "value", "cap", "expected"),
    [
        ("all is wanted and all fits", [[10, 20], [10, 20]], [[1, 2], [1, 2]], 100, [1, 1]),
        ("the worthier takes the watts", [[10, 20], [10, 20]], [[1, 2], [1, 9]], 30, [0, 1]),
        ("worthless watts stay unused", [[10, 20]], [[5, 4]], 100, [0]),
        ("an option off the hull fills what is left", [[0, 6, 10]], [[0, 4, 10]], 7, [1]),
        ("rows of different length", [[10, INF], [10, 20]], [[1, -INF], [1, 2]], 30, [0, 1]),
        ("an infinite cap", [[10, 20]], [[1, 2]], INF, [1]),
    ],
)
def test_chooses(what, watts, value, cap, expected):
    problem = Problem.under_one_cap(np.array(watts, dtype=float), np.array(value, dtype=float), float(cap))
    assert solve(problem).choice.tolist() == expected, what


def test_a_domain_holds_its_own_cap():
    watts, value = np.array([[0.0, 10.0]] * 3), np.array([[0.0, 5.0]] * 3)
    problem = Problem(watts, value, 100.0, np.array([0, 0, 1]), np.array([10.0, INF]))
    assert solve(problem).choice.tolist() in ([1, 0, 1], [0, 1, 1])


def test_an_exchange_is_found_where_no_single_move_helps():
    problem = Problem.under_one_cap(
        np.array([[0.0, 6.0], [0.0, 10.0]]), np.array([[0.0, 7.0], [0.0, 9.0]]), 10
    )
    assert polish(problem, np.array([1, 0])).tolist() == [0, 1]


def test_a_watt_is_worth_nothing_where_the_cap_does_not_bind():
    table = np.array([[10.0, 20.0]])
    assert solve(Problem.under_one_cap(table, table, 100.0)).value_per_watt == 0.0
    assert solve(Problem.under_one_cap(table, table, 15.0)).value_per_watt == pytest.approx(1.0)
