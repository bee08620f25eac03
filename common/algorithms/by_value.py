"""Exact division over nested caps by marginal value.

The vectors that fit under nested caps form a polymatroid, on which a sum of concave functions is maximised by
giving each watt where it is worth most (the greedy theorem of Edmonds, 1970; for separable concave objectives
Federgruen and Groenevelt, 1986). Equivalently, from the deepest groups up, each group over its cap gives up
the watts that are worth least: what it gives up no larger group would have kept. Curves are made of straight
steps of whole watts, so the outcome is whole as well, and no linear program finds a better one.

Watts of equal value are taken first from what would be new to a member, and then evenly: among equal optima
the nearest to the present division.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.algorithms.nesting import Nesting
from common.algorithms.protocol import Floats, Indices, ValueCurves, Watts

_ROUNDING_BITS = 8
"""Last bits of a value that do not count: values that differ by less (6e-14) differ by rounding alone."""


@dataclass(frozen=True)
class _Steps:
    """Watts that are worth the same, in falling order of worth.

    Attributes:
        member: Whose.
        watts: How many, as exact floats: numpy sums them by group without a cast.
        key: Rises as the value falls; equal for equal value and newness.
    """

    member: Indices
    watts: Floats
    key: Indices

    def holding(self, watts: Floats) -> _Steps:
        """Returns the steps with other watts; those left without any are dropped."""
        rows = np.flatnonzero(watts)
        return _Steps(self.member.take(rows), watts.take(rows), self.key.take(rows))


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
    count = len(held_watts)
    if not curves.step_watts.any():
        return np.zeros(count, dtype=np.int64)
    steps = _steps(curves, held_watts)
    left = np.maximum(left_watts, 0)
    for ancestor in nesting.deepest_first():
        group = ancestor[steps.member]
        total = np.bincount(group + 1, weights=steps.watts, minlength=len(left) + 1)[1:]
        over = total > left
        if over.any():
            steps = _give_up(steps, group, over, left)
    return np.bincount(steps.member, weights=steps.watts, minlength=count).astype(np.int64)


def _steps(curves: ValueCurves, held_watts: Watts) -> _Steps:
    """Cuts each step at what its member has now, and sorts all of them by worth."""
    length = curves.step_watts
    kept = np.clip(held_watts[:, None] - (np.cumsum(length, axis=1) - length), 0, length)
    new = kept == 0
    torn = np.flatnonzero((kept < length) & ~new)
    worth = _falling(curves.value_per_watt)
    key, watts = (worth + new).ravel(), (kept + new * length).ravel()
    member = np.repeat(np.arange(len(length), dtype=np.int32), length.shape[1])
    rest = (length - kept).ravel()[torn]
    key = np.concatenate([key, worth.ravel()[torn] + 1])
    order = np.argsort(key)
    return _Steps(
        np.concatenate([member, member[torn]]).take(order),
        np.concatenate([watts, rest]).astype(np.float64).take(order),
        key.take(order),
    )


def _falling(value_per_watt: Floats) -> Indices:
    """Returns even whole numbers that fall as values rise: the bits of a positive float are in its order."""
    bits = np.maximum(value_per_watt, 0.0).view(np.int64)
    return -((bits >> _ROUNDING_BITS) << 1)


def _give_up(steps: _Steps, group: Indices, over: NDArray[np.bool_], left: Watts) -> _Steps:
    """Cuts every group that is over to what is left for it, the least valuable watts first."""
    rows = np.flatnonzero(np.append(over, False).take(group))
    if over.sum() > 1:
        small = group.take(rows).astype(np.uint16 if len(left) < 2**16 else np.int64)
        rows = rows.take(np.argsort(small, kind="stable"))  # numpy sorts small numbers by radix
    of, asked = group.take(rows), steps.watts.take(rows)
    before = np.cumsum(asked)
    before -= asked
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    room = np.repeat(left[of[first]] + before[first], np.diff(np.r_[first, len(of)]))
    taken = np.minimum(np.maximum(room - before, 0.0), asked)
    watts = steps.watts.copy()
    watts[rows] = _share_ties(taken, asked, steps.key, rows, of)
    return steps.holding(watts)


def _share_ties(taken: Floats, asked: Floats, keys: Indices, rows: Indices, group: Indices) -> Floats:
    """Spreads what was taken of a run of equal worth over the run, in proportion and in whole watts."""
    cut = np.flatnonzero((taken[1:] < asked[1:]) & (taken[:-1] > 0))
    if not ((keys[rows[cut]] == keys[rows[cut + 1]]) & (group[cut] == group[cut + 1])).any():
        return taken
    key = keys.take(rows)
    same = (key[1:] == key[:-1]) & (group[1:] == group[:-1])
    run = np.cumsum(np.r_[True, ~same]) - 1
    wanted, got = np.bincount(run, weights=asked), np.bincount(run, weights=taken)
    torn = np.flatnonzero(((got > 0) & (got < wanted))[run])
    of, parts = run[torn], asked[torn]
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    reached = np.cumsum(parts)
    reached -= np.repeat(reached[first] - parts[first], np.diff(np.r_[first, len(of)]))
    share = np.floor_divide(reached * got[of], wanted[of])
    before = np.r_[0.0, share[:-1]]
    before[first] = 0.0
    spread = taken.copy()
    spread[torn] = share - before
    return spread
