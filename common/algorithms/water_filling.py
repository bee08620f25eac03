"""Exact division over nested caps by water-filling.

The vectors that fit under nested caps form a polymatroid, so serving the classes of demand in order, each
as far as the caps let it, loses nothing: for every class the sum served is the largest possible given the
classes before it (the greedy theorem of Edmonds, 1970). Within a class the shares are the fairest ones:
nobody gets more while somebody with less could get some (the lexicographically optimal base of Fujishige,
1980).

For one class such a base is found from the leaves up: where a group holds more than its cap, everything above
one level is cut to that level. Whole watts are exact at each step, hence in the sum as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from common.algorithms.by_value import serve_by_value
from common.algorithms.nesting import Nesting
from common.algorithms.protocol import Description, Indices, Plan, Snapshot, ValueCurves, Watts


class WaterFilling:
    """Floors first, then demand by priority, then what is left up to the ceilings."""

    description = Description(
        name="water-filling",
        summary="Serves floors, then demand by priority, then shares the rest evenly; exact for nested caps.",
        inputs=("caps", "floor_watts", "ceiling_watts", "demand", "current_watts"),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns the largest and fairest division that fits under every cap."""
        return Plan(watts=divide(snapshot))


def divide(snapshot: Snapshot) -> Watts:
    """Returns whole watts per member: at every group their sum is at most its cap.

    Nobody is above its ceiling. Where the caps allow it nobody is under its floor; where they do not, the
    floors are themselves served as far as they fit.
    """
    nesting = Nesting(snapshot.caps, snapshot.group)
    floor = np.minimum(snapshot.floor_watts, snapshot.ceiling_watts)
    given = np.zeros_like(floor)
    classes = [(floor, None), *((level.watts, level.curves) for level in snapshot.demand)]
    for asked, curves in [*classes, (snapshot.ceiling_watts, None)]:
        wanted = np.clip(asked, 0, snapshot.ceiling_watts - given)
        if not wanted.any():
            continue
        left = snapshot.caps.cap_watts - nesting.sums(given)
        if curves is None:
            given = given + fill(wanted, nesting, left, snapshot.current_watts)
        else:
            held = np.clip(snapshot.current_watts - given, 0, wanted)
            given = given + serve_by_value(_shortened(curves, wanted), nesting, left, held)
    return given


def fill(wanted: Watts, nesting: Nesting, left_watts: Watts, current_watts: Watts) -> Watts:
    """Serves one class of demand as far and as evenly as the caps allow.

    Args:
        wanted: Watts asked for, per member; not negative.
        nesting: The groups.
        left_watts: What each group may still take.
        current_watts: Who has more now gets the odd watts that do not divide evenly.
    """
    served = np.where(nesting.under(left_watts <= 0), 0, wanted)
    if not served.any():
        return served
    over = np.flatnonzero(nesting.sums(served) > left_watts)
    if not over.size:
        return served
    rank = _tie_rank(current_watts)
    for index in reversed(over.tolist()):
        members, left = nesting.members(index), int(left_watts[index])
        if int(served[members].sum()) > left:
            served[members] = _level(served[members], max(left, 0), rank[members])
    return served


def _shortened(curves: ValueCurves, wanted: Watts) -> ValueCurves:
    """Cuts curves off at what is wanted."""
    if np.array_equal(curves.step_watts.sum(axis=1), wanted):
        return curves
    start = np.cumsum(curves.step_watts, axis=1) - curves.step_watts
    return replace(curves, step_watts=np.clip(wanted[:, None] - start, 0, curves.step_watts))


def _level(asked: Watts, total: int, rank: Indices) -> Watts:
    """Cuts everything above one level to it, so that the sum is exactly ``total``, which is less."""
    ordered = np.sort(asked)
    below = np.concatenate(([0], np.cumsum(ordered)))
    # With the k smallest served in full the others share the rest: right once they all want that much.
    full = int(np.searchsorted(below[:-1] + ordered * np.arange(len(asked), 0, -1), total, side="right"))
    level, odd = divmod(total - int(below[full]), len(asked) - full)
    served = np.minimum(asked, level)
    above = np.flatnonzero(asked > level)
    lucky = above[np.argsort(rank[above], kind="stable")[:odd]]
    served[lucky] += 1
    return served


def _tie_rank(current_watts: Watts) -> Indices:
    """Ranks who has more now first, so that odd watts stay where they are."""
    rank = np.empty(len(current_watts), dtype=np.int64)
    rank[np.argsort(-current_watts, kind="stable")] = np.arange(len(current_watts))
    return rank
