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

import numpy as np

from common.algorithms.caps import members_by_group, sums
from common.algorithms.protocol import Description, Indices, Plan, Snapshot, Watts


class WaterFilling:
    """Floors first, then demand by priority, then what is left up to the ceilings."""

    description = Description(
        name="water-filling",
        summary="Serves floors, then demand by priority, then shares the rest evenly; exact for nested caps.",
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns the largest and fairest division that fits under every cap."""
        return Plan(watts=divide(snapshot))


def divide(snapshot: Snapshot) -> Watts:
    """Returns whole watts per member: at every group their sum is at most its cap.

    Nobody is above its ceiling. Where the caps allow it nobody is under its floor; where they do not, the
    floors are themselves served as far as they fit.
    """
    groups = members_by_group(snapshot.caps, snapshot.group)
    floor = np.minimum(snapshot.floor_watts, snapshot.ceiling_watts)
    given = np.zeros_like(floor)
    rank = _tie_rank(snapshot.current_watts)
    for asked in [floor, *(level.watts for level in snapshot.demand), snapshot.ceiling_watts]:
        wanted = np.clip(asked, 0, snapshot.ceiling_watts - given)
        left = snapshot.caps.cap_watts - sums(groups, given)
        given = given + fill(wanted, groups, left, rank)
    return given


def fill(wanted: Watts, groups: list[Indices], left_watts: Watts, rank: Indices) -> Watts:
    """Serves one class of demand as far and as evenly as the caps allow.

    Args:
        wanted: Watts asked for, per member; not negative.
        groups: Members of each group, parents before children.
        left_watts: What each group may still take.
        rank: Who gets the odd watts that do not divide evenly: lowest first.
    """
    served = wanted.copy()
    for members, left in zip(reversed(groups), left_watts[::-1].tolist(), strict=True):
        if int(served[members].sum()) > left:
            served[members] = _level(served[members], max(left, 0), rank[members])
    return served


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
