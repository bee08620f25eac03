"""Single moves and exchanges that make a choice worthier, until none is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.planner.solver.hull import least_options
from recommender.planner.solver.problem import SLACK_WATTS, Choice, Floats, Problem

_MOST_MOVES = 60
_MOST_KICKS = 12


def polish(
    problem: Problem, choice: Choice, *, enough_worth: float = np.inf, frozen: int | None = None
) -> Choice:
    """Returns a choice at least as worthy that holds the same caps; stops where the worth is enough.

    A frozen row is left alone.

    Each move either changes one row, or takes watts from one row for another. Worth only rises, so it ends.
    """
    choice = choice.copy()
    for _ in range(_MOST_MOVES):
        if problem.worth(choice) >= enough_worth:
            break
        changes = _Changes.of(problem, choice)
        if frozen is not None:
            changes = changes.only(changes.row != frozen)
        moves = _single(problem, choice, changes) or _exchange(problem, choice, changes)
        if not moves:
            break
        for row, column in moves:
            choice[row] = column
    return choice


def kick(problem: Problem, choice: Choice, most_kicks: int = _MOST_KICKS) -> Choice:
    """Returns the best of several polishes, each after one row was put elsewhere: out of a local optimum.

    Rows are tried at their least option, and at the worthiest one that they could have alone.
    """
    best, least = choice, least_options(problem)
    steepest = np.argsort(-problem.chosen(problem.watts, choice), kind="stable")
    for row in steepest[:most_kicks].tolist():
        lowered = choice.copy()
        lowered[row] = least[row]
        raised = least.copy()
        raised[row] = _alone(problem, least, row)
        for start in (lowered, raised):
            found = polish(problem, start, frozen=row) if start is lowered else polish(problem, start)
            found = polish(problem, found)
            if problem.worth(found) > problem.worth(best):
                best = found
    return best


def _alone(problem: Problem, least: Choice, row: int) -> int:
    left, groups = problem.slack_watts(least)
    room = min(left, float(groups[problem.group[row]])) + problem.watts[row, least[row]]
    return int(np.where(problem.watts[row] <= room + SLACK_WATTS, problem.value[row], -np.inf).argmax())


@dataclass(frozen=True)
class _Changes:
    """All other options, by what they change: more watts and more worth than the chosen ones."""

    row: Choice
    column: Choice
    watts: Floats
    value: Floats

    @classmethod
    def of(cls, problem: Problem, choice: Choice) -> _Changes:
        watts = problem.watts - problem.chosen(problem.watts, choice)[:, None]
        value = problem.value - problem.chosen(problem.value, choice)[:, None]
        row, column = np.nonzero(np.isfinite(problem.watts))
        return cls(row, column, watts[row, column], value[row, column])

    def only(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> _Changes:
        return _Changes(self.row[kept], self.column[kept], self.watts[kept], self.value[kept])


def _worthwhile(problem: Problem, choice: Choice) -> float:
    return 1e-9 * max(1e-12, abs(problem.worth(choice)))


def _single(problem: Problem, choice: Choice, changes: _Changes) -> list[tuple[int, int]]:
    """The worthiest change of one row that fits, or none."""
    left, groups = problem.slack_watts(choice)
    room = np.minimum(left, groups[problem.group[changes.row]])
    gain = np.where(changes.watts <= room + SLACK_WATTS, changes.value, -np.inf)
    if not gain.size:
        return []
    best = int(gain.argmax())
    if gain[best] <= _worthwhile(problem, choice):
        return []
    return [(int(changes.row[best]), int(changes.column[best]))]


def _exchange(problem: Problem, choice: Choice, changes: _Changes) -> list[tuple[int, int]]:
    """The worthiest pair of a row that gives watts and another that takes them, or none."""
    giving = changes.only(changes.watts < 0)
    best, found = _worthwhile(problem, choice), []
    left, groups = problem.slack_watts(choice)
    for group in np.unique(problem.group):
        taking = changes.only(
            (changes.watts > 0) & (changes.value > 0) & (problem.group[changes.row] == group)
        )
        if not taking.row.size or not giving.row.size:
            continue
        same = problem.group[giving.row] == group
        room = np.minimum(left - giving.watts, groups[group] - np.where(same, giving.watts, 0.0))
        gain, giver, taker = _best_pair(giving, taking, room)
        if gain > best:
            best = gain
            found = [(int(c.row[i]), int(c.column[i])) for c, i in ((giving, giver), (taking, taker))]
    return found


def _best_pair(giving: _Changes, taking: _Changes, room: Floats) -> tuple[float, int, int]:
    """Returns gain and indices of the best pair of different rows.

    Takers sorted by watts; up to each, the worthiest and the worthiest of another row than that one.
    """
    order = np.argsort(taking.watts, kind="stable")
    first, second = _running_best(taking.row[order], taking.value[order])
    fitting = np.searchsorted(taking.watts[order], room + SLACK_WATTS, side="right") - 1
    index = np.maximum(fitting, 0)
    own = taking.row[order][first[index]] == giving.row
    taker = np.where(own, second[index], first[index])
    worth = np.where((fitting >= 0) & (taker >= 0), taking.value[order][taker], -np.inf)
    gain = giving.value + worth
    best = int(gain.argmax())
    return float(gain[best]), best, int(order[taker[best]])


def _running_best(row: Choice, value: Floats) -> tuple[Choice, Choice]:
    """For every prefix: the index of the best value, and of the best in another row (-1 where none)."""
    first = np.zeros(len(row), dtype=np.int64)
    second = np.full(len(row), -1, dtype=np.int64)
    one, two = 0, -1
    rows, values = row.tolist(), value.tolist()
    for at in range(1, len(rows)):
        if values[at] > values[one]:
            if rows[at] != rows[one]:
                two = one
            one = at
        elif rows[at] != rows[one] and (two < 0 or values[at] > values[two]):
            two = at
        first[at], second[at] = one, two
    return first, second
