"""Sums over nested groups, and what is left of their caps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.algorithms.protocol import NO_PARENT, CapTree, Indices, Watts


def members_by_group(caps: CapTree, group: Indices) -> list[Indices]:
    """Returns for each group the indices of all members in it or below it."""
    below: list[list[Indices]] = [[] for _ in caps.names]
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(caps.names) + 1))
    joined: list[Indices] = [order[:0]] * len(caps.names)
    for index in reversed(range(len(caps.names))):
        own = order[starts[index] : starts[index + 1]]
        joined[index] = np.concatenate([own, *below[index]]) if below[index] else own
        if caps.parent[index] != NO_PARENT:
            below[caps.parent[index]].append(joined[index])
    return joined


def sums(groups: list[Indices], watts: Watts) -> Watts:
    """Returns the watts of each group's members."""
    return np.array([watts[members].sum() for members in groups], dtype=np.int64)


def over_cap(caps: CapTree, group: Indices, watts: Watts) -> NDArray[np.bool_]:
    """Tells which groups hold more than their cap."""
    return sums(members_by_group(caps, group), watts) > caps.cap_watts
