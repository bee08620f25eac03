"""Exact division over nested caps by marginal value.

The vectors that fit under nested caps form a polymatroid, on which a sum of concave functions is maximised by
giving each watt where it is worth most (the greedy theorem of Edmonds, 1970; for separable concave objectives
Federgruen and Groenevelt, 1986). Equivalently, from the deepest groups up, each group over its cap gives up
the watts that are worth least: what it gives up no larger group would have kept. Curves are made of straight
steps of whole watts, so the outcome is whole as well, and no linear program finds a better one.

Which watts a group gives up needs no order of all of them: a histogram over worth tells the bin in which its
cap is reached, all worth more stay, all worth less go, and the few steps inside are sorted.

Watts of equal value are taken first from what would be new to a member, and then evenly: among equal optima
the nearest to the present division.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.algorithms.nesting import Nesting
from common.algorithms.protocol import NO_PARENT, Floats, Indices, ValueCurves, Watts
from common.algorithms.tied_shares import share_ties

_ROUNDING = ~np.int64(0xFF)
"""Last bits of a value that do not count: values that differ by less (6e-14) differ by rounding alone."""
_MOST_BINS = 2**15
"""Of all groups of a depth together: the histogram stays in the processor's cache."""
_LEAST_BINS = 32
_BELOW_ONE = 1.0 - 2.0**-20


@dataclass(frozen=True)
class _Steps:
    """What is served of every step; one row per step, so that sums over a member's steps are contiguous.

    Attributes:
        watts: Served so far, shape (steps, members), as exact floats; changed in place.
        worth: Of a watt, same shape, rounded so that equals are equal.
        place: Where that lies between the most (0) and the least worth (just under 1), same shape.
        held: How much of what a member asks for it has now.
        length: Watts of each step, same shape.
    """

    watts: Floats
    worth: Floats
    place: Floats
    held: Watts
    length: Watts

    @classmethod
    def of(cls, curves: ValueCurves, held: Watts) -> _Steps:
        """Lays curves out."""
        length = np.ascontiguousarray(curves.step_watts.T)
        worth = np.maximum(curves.value_per_watt.T, 0.0, order="C")
        bits = worth.view(np.int64)
        np.bitwise_and(bits, _ROUNDING, out=bits)
        low, high = float(worth.min()), float(worth.max())
        place = high - worth
        place *= _BELOW_ONE / (high - low) if high > low else 0.0
        return cls(length.astype(np.float64), worth, place, held, length)

    def served(self) -> Floats:
        """Returns the watts of each member."""
        return np.asarray(self.watts.sum(axis=0))

    def held_within(self, step: Indices, member: Indices) -> Watts:
        """Returns how many watts of some steps their members have now, as if curves were filled in order."""
        before = np.zeros(len(step), dtype=np.int64)
        for row, length in enumerate(self.length[:-1]):
            before += np.where(step > row, length[member], 0)
        return np.asarray(self.held[member] - before)


def serve_by_value(curves: ValueCurves, nesting: Nesting, left_watts: Watts, held_watts: Watts) -> Watts:
    """Serves the steps of concave curves so that their total value is the largest possible.

    Args:
        curves: What each member asks for, and what that is worth.
        nesting: The groups.
        left_watts: What each group may still take.
        held_watts: How much of what a member asks for it has now; decides among equals.

    Returns:
        Whole watts served per member.
    """
    if not curves.step_watts.any():
        return np.zeros(len(held_watts), dtype=np.int64)
    steps = _Steps.of(curves, held_watts)
    left = np.maximum(left_watts, 0)
    for depth, ancestor in zip(reversed(range(nesting.depths())), nesting.deepest_first(), strict=True):
        over = nesting.sums_at(depth, steps.served()) > left
        if over.any():
            _give_up(steps, ancestor, over, left)
    return steps.served().astype(np.int64)


def _give_up(steps: _Steps, ancestor: Indices, over: NDArray[np.bool_], left: Watts) -> None:
    """Cuts every group that is over to what is left for it, the least valuable watts first."""
    number = np.full(len(over) + 1, NO_PARENT)
    groups = np.flatnonzero(over)
    number[groups] = np.arange(len(groups))
    of = number[ancestor]
    members = np.flatnonzero(of >= 0)
    everybody = len(members) == len(of)
    of = of if everybody else of[members]
    watts = steps.watts if everybody else steps.watts[:, members]
    place = steps.place if everybody else steps.place[:, members]
    cell, count = _cells(place, of, len(groups))
    histogram = np.bincount(cell.ravel(), weights=watts.ravel(), minlength=count)
    critical, room = _critical(histogram.astype(np.float64, copy=False), left[groups])
    border = critical[of]
    torn, rows = np.divmod(np.flatnonzero(cell == border), len(of))
    inside = watts[torn, rows]
    watts *= cell < border
    columns = rows if everybody else members[rows]
    watts[torn, rows] = _serve_sorted(steps, torn, columns, inside, _Room(of[rows], room))
    if not everybody:
        steps.watts[:, members] = watts


def _cells(place: Floats, of: Indices, groups: int) -> tuple[Indices, int]:
    """Returns the cell of the histogram of each step, by group and then by falling worth; their number."""
    bins = max(_LEAST_BINS, _MOST_BINS // groups)
    cell = (place * bins).astype(np.int64)
    cell += of * bins
    return cell, bins * groups


def _critical(watts: Floats, left: Watts) -> tuple[Indices, Floats]:
    """Returns for each group the cell in which its cap is reached, and what is left for that cell."""
    table = watts.reshape(len(left), -1)
    bins = table.shape[1]
    up_to = np.cumsum(table, axis=1)
    reached = np.argmax(up_to > left[:, None], axis=1)
    each = np.arange(len(left))
    return each * bins + reached, left - (up_to[each, reached] - table[each, reached])


@dataclass(frozen=True)
class _Room:
    """Which group each of some steps belongs to, and what each group has left for them."""

    of: Indices
    watts: Floats


def _serve_sorted(steps: _Steps, step: Indices, member: Indices, asked: Floats, room: _Room) -> Floats:
    """Serves some steps in falling order of worth, what members hold before what would be new to them."""
    kept = np.clip(steps.held_within(step, member), 0, asked)
    parts = np.concatenate([kept, asked - kept])
    count = len(step)
    new = np.repeat([0, 1], count)
    worth = np.tile(steps.worth[step, member], 2)
    of = np.tile(room.of, 2)
    order = np.lexsort((new, -worth, of))
    order = order[parts[order] > 0]
    of, parts, rank = of[order], parts[order], _ranks(worth[order], new[order])
    before = np.cumsum(parts) - parts
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    open_watts = np.repeat(room.watts[of[first]] + before[first], np.diff(np.r_[first, len(of)]))
    taken = np.clip(open_watts - before, 0.0, parts)
    spread = share_ties(taken, parts, rank, of)
    return np.asarray(np.bincount(order % count, weights=spread, minlength=count), dtype=np.float64)


def _ranks(worth: Floats, new: Indices) -> Indices:
    """Numbers runs of equal worth and newness."""
    return np.cumsum(np.r_[0, (worth[1:] != worth[:-1]) | (new[1:] != new[:-1])])
