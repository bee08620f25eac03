"""What holds for every problem: caps, bounds, and never worse than doing nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.planner.solver import Problem, solve
from recommender.planner.solver.hull import least_options
from recommender.planner.solver.solve import InfeasibleError

watts = st.integers(0, 50)
worth = st.integers(0, 100)


@st.composite
def problems(draw):
    services, options, groups = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 2))
    table = st.lists(
        st.lists(watts, min_size=options, max_size=options), min_size=services, max_size=services
    )
    value = st.lists(
        st.lists(worth, min_size=options, max_size=options), min_size=services, max_size=services
    )
    group = draw(st.lists(st.integers(0, groups - 1), min_size=services, max_size=services))
    caps = draw(st.lists(st.integers(0, 150), min_size=groups, max_size=groups))
    return Problem(
        np.array(draw(table), dtype=float),
        np.array(draw(value), dtype=float),
        float(draw(st.integers(0, 200))),
        np.array(group),
        np.array(caps, dtype=float),
    )


def optimum(problem):
    choices = (
        np.array(one) for one in itertools.product(range(problem.watts.shape[1]), repeat=len(problem.watts))
    )
    return max((problem.worth(one) for one in choices if problem.fits(one)), default=None)


@given(problem=problems(), seconds=st.sampled_from([0.0, 1.0]))
def test_every_cap_holds_and_the_proven_gap_is_true(problem, seconds):
    best = optimum(problem)
    if not problem.fits(least_options(problem)):
        with pytest.raises(InfeasibleError):
            solve(problem, exact_seconds=seconds)
        return
    found = solve(problem, exact_seconds=seconds)
    assert problem.fits(found.choice)
    assert problem.worth(found.choice) >= problem.worth(least_options(problem)) - 1e-9
    assert best <= problem.worth(found.choice) / max(1e-9, 1 - found.gap) + 1e-3 or found.gap >= 1


@given(problem=problems())
def test_the_exact_search_finds_the_optimum(problem):
    best = optimum(problem)
    if not problem.fits(least_options(problem)):
        return
    found = solve(problem, exact_seconds=5.0)
    assert problem.worth(found.choice) == pytest.approx(best, rel=2e-4, abs=1e-6)


@given(problem=problems(), more=st.integers(0, 100))
def test_no_more_than_the_bound_is_gained_by_a_higher_cap(problem, more):
    if not problem.fits(least_options(problem)):
        return
    lower = solve(problem, exact_seconds=1.0)
    higher = Problem(
        problem.watts, problem.value, problem.cap_watts + more, problem.group, problem.group_cap_watts
    )
    gained = higher.worth(solve(higher, exact_seconds=1.0).choice) - problem.worth(lower.choice)
    assert gained >= -2e-4 * max(1.0, problem.worth(lower.choice))
