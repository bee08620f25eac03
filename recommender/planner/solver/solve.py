"""Greedy always; exact where it is small enough and time is given."""

from __future__ import annotations

from recommender.planner.solver.exact import solve_exactly
from recommender.planner.solver.greedy import fill, upper_bound
from recommender.planner.solver.hull import hull_steps, least_options
from recommender.planner.solver.polish import kick, polish
from recommender.planner.solver.problem import Choice, Problem, Solution

EXACT_BELOW_SERVICES = 100
GOOD_ENOUGH_GAP = 1e-4
"""A greedy choice proven this near to the optimum is not searched on."""


KICK_ABOVE_GAP = 1e-3
"""What a polish leaves of a small problem; more tries cost little there."""


class InfeasibleError(ValueError):
    """The least options of all services together do not fit under a cap."""


def solve(
    problem: Problem, *, exact_seconds: float = 0.0, exact_below: int = EXACT_BELOW_SERVICES
) -> Solution:
    """Chooses one option for each service.

    Args:
        problem: Options and caps.
        exact_seconds: Time for the exact search; 0 for none.
        exact_below: From this many services on there is no exact search.

    Raises:
        InfeasibleError: Even the least options do not fit; leave services out first.
    """
    if not problem.fits(least_options(problem)):
        raise InfeasibleError("the least watts of all services do not fit under the caps")
    steps = hull_steps(problem)
    bound, price = upper_bound(problem, steps)
    greedy = polish(problem, fill(problem, steps), enough_worth=bound - GOOD_ENOUGH_GAP * abs(bound))
    gap = _gap(problem, greedy, bound)
    if gap > KICK_ABOVE_GAP and len(problem.watts) < exact_below:
        greedy = kick(problem, greedy)
        gap = _gap(problem, greedy, bound)
    if exact_seconds > 0 and len(problem.watts) < exact_below and gap > GOOD_ENOUGH_GAP:
        found = solve_exactly(problem, greedy, exact_seconds)
        if found is not None and problem.fits(found[0]) and problem.worth(found[0]) >= problem.worth(greedy):
            return Solution(found[0], min(found[1], _gap(problem, found[0], bound)), "exact", price)
    return Solution(greedy, gap, "greedy", price)


def _gap(problem: Problem, choice: Choice, bound: float) -> float:
    return max(0.0, bound - problem.worth(choice)) / max(abs(bound), 1e-12)
