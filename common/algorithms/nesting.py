"""Members under nested groups, depth by depth, so that a whole depth is computed at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from common.algorithms.protocol import NO_PARENT, CapTree, Floats, Indices, Watts


class Nesting:
    """Which group each member belongs to at every depth.

    Args:
        caps: The nested caps, parents before children.
        group: Index of the group each member belongs to.
    """

    def __init__(self, caps: CapTree, group: Indices) -> None:
        self._groups = len(caps.names)
        self._depth = _depths(caps.parent)
        self._ancestors = _ancestors(caps.parent, self._depth, group)

        self._buckets = [ancestor + 1 for ancestor in self._ancestors]  # bincount takes nothing negative

    def deepest_first(self) -> Iterator[Indices]:
        """Yields each member's group at every depth; ``NO_PARENT`` where its own group is above it."""
        return reversed(self._ancestors)

    def depths(self) -> int:
        """Returns how many levels of groups there are."""
        return len(self._ancestors)

    def sums(self, watts: Watts) -> Watts:
        """Returns the watts of each group, everything below it included."""
        total = np.zeros(self._groups + 1)
        weights = watts.astype(np.float64)  # exact: sums stay far below 2**53
        for bucket in self._buckets:
            total += np.bincount(bucket, weights=weights, minlength=self._groups + 1)
        return total[1:].astype(np.int64)

    def sums_at(self, depth: int, watts: Floats) -> Floats:
        """Returns the watts of each group of one depth, 0 for the others."""
        total = np.bincount(self._buckets[depth], weights=watts, minlength=self._groups + 1)
        return np.asarray(total[1:], dtype=np.float64)

    def under(self, groups: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tells which members are in any of some groups, or below one."""
        marked = np.append(groups, False)  # what belongs to no group at a depth finds the last one
        found = np.zeros(len(self._ancestors[0]), dtype=np.bool_)
        for ancestor in self._ancestors:
            found |= marked[ancestor]
        return found

    def members(self, index: int) -> Indices:
        """Returns the members in a group or below it."""
        order, starts = self._by_group[int(self._depth[index])]
        return order[starts[index] : starts[index + 1]]

    @cached_property
    def _by_group(self) -> list[tuple[Indices, Indices]]:
        """For each depth its members sorted by group, and where each group's begin."""
        numbers = np.arange(self._groups + 1)
        orders = [np.argsort(ancestor, kind="stable") for ancestor in self._ancestors]
        return [
            (order, np.searchsorted(ancestor[order], numbers))
            for order, ancestor in zip(orders, self._ancestors, strict=True)
        ]


def _depths(parent: Indices) -> Indices:
    depth = np.zeros(len(parent), dtype=np.int64)
    above = parent
    while (above != NO_PARENT).any():
        depth += above != NO_PARENT
        above = np.where(above != NO_PARENT, parent[above], NO_PARENT)
    return depth


def _ancestors(parent: Indices, depth: Indices, group: Indices) -> list[Indices]:
    """Returns the group of each member by depth, roots first."""
    found = []
    at = group.copy()
    for level in range(int(depth.max(initial=0)), -1, -1):
        here = depth[at] == level
        found.append(np.where(here, at, NO_PARENT))
        at = np.where(here & (level > 0), parent[at], at)
    return found[::-1]
