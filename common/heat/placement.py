"""Where a further watt warms the hottest inlets least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.heat.recirculation import Floats, Recirculation

_DEGREES = 0.3
"""Inlets count by how near they are to their limit (or to the hottest): 0.3 degrees less, a third as much."""
_BEST = 100


def placement_scores(heat: Recirculation, watts: Floats) -> NDArray[np.int64]:
    """Scores sources from 100 (a further watt there warms the hottest inlets least) down to 0.

    It is the slope of the smoothed maximum of the inlets at the present draw, in the order of schedulers:
    more is better. Inlets with a limit count by what is left to it.

    Args:
        heat: Inlets and what warms them.
        watts: What each source draws.
    """
    inlets = heat.inlets(watts)
    limit = np.where(np.isfinite(heat.limit), heat.limit, inlets.max(initial=0.0))
    nearness = (inlets - limit) / _DEGREES
    weights = np.exp(nearness - nearness.max(initial=0.0))
    slope = heat.degrees_per_watt.T @ (weights / weights.sum())
    low, high = float(slope.min()), float(slope.max())
    if high <= low:
        return np.full(len(slope), _BEST, dtype=np.int64)
    return np.asarray(np.rint(_BEST * (high - slope) / (high - low)), dtype=np.int64)
