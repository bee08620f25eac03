"""The chain that every plan goes through, whoever made it: whole watts, bounds and caps, no churn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from common.algorithms.caps import members_by_group, sums
from common.algorithms.protocol import DemandLevel, Snapshot, Watts
from common.algorithms.water_filling import divide

PostProcessor = Callable[[Snapshot, Watts], Watts]

SMALL_WATTS = 10
SMALL_SHARE = 0.01


def post_process(snapshot: Snapshot, watts: Watts, chain: Sequence[PostProcessor] | None = None) -> Watts:
    """Runs a plan through the chain."""
    for step in CHAIN if chain is None else chain:
        watts = step(snapshot, watts)
    return watts


def whole_watts(snapshot: Snapshot, watts: Watts) -> Watts:
    """Rounds down to whole watts: rounding up could break a cap."""
    return np.floor(watts).astype(np.int64)


def within_bounds(snapshot: Snapshot, watts: Watts) -> Watts:
    """Serves floors first, then as much of the plan as ceilings and caps allow.

    A plan that already keeps to them comes back as it is; one that does not, from any algorithm, is mended.
    """
    floor = np.minimum(snapshot.floor_watts, snapshot.ceiling_watts)
    wanted = np.clip(watts - floor, 0, snapshot.ceiling_watts - floor)
    planned = np.minimum(np.maximum(watts, floor), snapshot.ceiling_watts)
    return np.minimum(divide(replace(snapshot, demand=(DemandLevel(0, wanted),))), planned)


def keep_small_changes(snapshot: Snapshot, watts: Watts) -> Watts:
    """Leaves members where they are if they would move by less than 10 W or 1 %, as far as the caps allow.

    Where keeping them would put a group over its cap, its members take what is lower, old or new.
    """
    before = snapshot.current_watts
    small = np.abs(watts - before) <= np.maximum(SMALL_WATTS, SMALL_SHARE * before)
    usable = (before >= snapshot.floor_watts) & (before <= snapshot.ceiling_watts) & (before > 0)
    kept = np.where(small & usable, before, watts)
    groups = members_by_group(snapshot.caps, snapshot.group)
    over = sums(groups, kept) > snapshot.caps.cap_watts
    for index in np.flatnonzero(over):
        members = groups[index]
        kept[members] = np.minimum(kept[members], watts[members])
    return kept


CHAIN: tuple[PostProcessor, ...] = (whole_watts, within_bounds, keep_small_changes)
