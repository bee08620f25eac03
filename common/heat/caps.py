"""Watts that keep every inlet within its limit."""

from __future__ import annotations

import numpy as np

from common.heat.recirculation import Floats, Recirculation

_MOST_CUTS_PER_INLET = 50
_DEGREES = 1e-9


def watts_under_limits(heat: Recirculation, asked: Floats, floor: Floats) -> Floats:
    """Returns what each source may draw: at most what it asks for, and no inlet over its limit.

    The inlet that is furthest over is brought to its limit first, by cutting sources in proportion to what
    each adds to it above its floor; that cools all others too, so nothing is ever undone. What was then cut
    too much, because a later cut helped an earlier inlet, is given back as far as every limit allows: in the
    end no source alone could have more. Who warms an inlet that the floors alone bring over its limit is left
    at its floor; all others keep to their limits just the same.

    Args:
        heat: Inlets and what warms them.
        asked: Watts that each source would like.
        floor: Watts that it cannot be held under.
    """
    watts = np.maximum(asked, floor)
    hopeless = np.zeros(len(heat.limit), dtype=np.bool_)
    for _ in range(_MOST_CUTS_PER_INLET * len(heat.limit)):
        excess = np.where(hopeless, -np.inf, heat.excess(watts))
        hottest = int(np.argmax(excess))
        if excess[hottest] <= _DEGREES:
            break
        hopeless[hottest] = not _cut(heat.degrees_per_watt[hottest], watts, floor, float(excess[hottest]))
    return _give_back(heat, watts, np.maximum(asked, floor))


def _cut(row: Floats, watts: Floats, floor: Floats, degrees: float) -> bool:
    """Lowers watts in place so that an inlet cools by some degrees; whether anything could be lowered."""
    above = watts - floor
    relief = row * above
    most = float(relief.sum())
    if most <= _DEGREES:
        return False
    # Sources that warm an inlet more give up a larger part of what they have: in proportion to row * above.
    part = row / row.max()
    share = degrees / float((relief * part).sum())
    watts -= above * np.minimum(part * share, 1.0)
    return True


def _give_back(heat: Recirculation, watts: Floats, asked: Floats) -> Floats:
    """Raises one source after the other, the least warming first, as far as every limit allows."""
    given = watts.copy()
    for source in np.argsort(heat.degrees_per_watt.sum(axis=0), kind="stable").tolist():
        column = heat.degrees_per_watt[:, source]
        left = -heat.excess(given)
        warms = column > 0.0
        room = float(np.min(left[warms] / column[warms], initial=np.inf))
        given[source] += min(max(room, 0.0), asked[source] - given[source])
    return given
