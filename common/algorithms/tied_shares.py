"""Even shares among those who are worth the same."""

from __future__ import annotations

import numpy as np

from common.algorithms.protocol import Floats, Indices


def share_ties(taken: Floats, asked: Floats, rank: Indices, group: Indices) -> Floats:
    """Spreads what was taken of a run of equal worth over the run, in proportion and in whole watts.

    Args:
        taken: Of each step, served one after the other within its group.
        asked: Watts of each step.
        rank: Equal for steps of equal worth; such steps of a group stand together.
        group: Of each step.
    """
    cut = np.flatnonzero((taken[1:] < asked[1:]) & (taken[:-1] > 0))
    if not ((rank[cut] == rank[cut + 1]) & (group[cut] == group[cut + 1])).any():
        return taken
    same = (rank[1:] == rank[:-1]) & (group[1:] == group[:-1])
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
