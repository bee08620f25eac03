"""The chain that every plan goes through, whoever made it: whole watts, bounds and caps, no churn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from common.algorithms.caps import members_by_group
from common.algorithms.protocol import DemandLevel, Snapshot, Watts
from common.algorithms.water_filling import divide

PostProcessor = Callable[[Snapshot, Watts], Watts]

SMALL_WATTS = 10
SMALL_SHARE = 0.03


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
    """Leaves members where they are if they would move by less than 10 W or 3 %, as far as the caps allow.

    Where keeping them would put a group over its cap, first those that rise give up to as much of their rise,
    and only if that is not enough its members take what is lower, old or new. So nobody is further than
    the band from its share, and nobody moves by less but for a cap or a floor.
    """
    before = snapshot.current_watts
    band = np.maximum(SMALL_WATTS, (SMALL_SHARE * before).astype(np.int64))
    usable = (before >= snapshot.floor_watts) & (before <= snapshot.ceiling_watts) & (before > 0)
    kept = np.where((np.abs(watts - before) <= band) & usable, before, watts)
    yields = np.where(kept > before, np.minimum(band, kept - np.maximum(before, snapshot.floor_watts)), 0)
    yields = np.maximum(yields, 0)
    groups = members_by_group(snapshot.caps, snapshot.group)
    for members, cap in zip(reversed(groups), snapshot.caps.cap_watts[::-1].tolist(), strict=True):
        over = int(kept[members].sum()) - cap
        if over > 0:
            given_up = _spread(yields[members], over)
            kept[members] -= given_up
            yields[members] -= given_up
            if int(given_up.sum()) < over:
                kept[members] = np.minimum(kept[members], watts[members])
    return kept


def _spread(most: Watts, total: int) -> Watts:
    """Takes a total, or all there is, in proportion to what each can give; whole watts."""
    available = int(most.sum())
    if available <= total:
        return most
    reached = np.cumsum(most) * total // available
    return np.diff(reached, prepend=0)


CHAIN: tuple[PostProcessor, ...] = (whole_watts, within_bounds, keep_small_changes)
