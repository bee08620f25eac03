"""Processors: what a node's draw, and which pods they work for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.boards import Boards
from recommender.logic.attribution.cast import Cast, Flags, Ints
from recommender.logic.attribution.holdings import Holdings
from recommender.logic.attribution.rows import NOBODY, Rows, from_best_source, total


@dataclass(frozen=True)
class Level:
    """A quantity of each node.

    Attributes:
        watts: By node; 0 where nobody measures it.
        rank: Source by node; ``NOBODY`` where nobody measures it.
    """

    watts: Floats
    rank: Ints

    @property
    def known(self) -> Flags:
        """Tells which nodes have it."""
        told: Flags = self.rank >= 0
        return told


@dataclass(frozen=True)
class HostShares:
    """The processors' watts by pod.

    Attributes:
        watts: By pod.
        rank: Source of the pod's meter; ``NOBODY`` without one.
        estimated: Whether a pod's watts follow the GPUs that it holds.
        rows: The rows of the meters, whose containers may be told.
    """

    watts: Floats
    rank: Ints
    estimated: Flags
    rows: Rows


def by_node(rows: Rows, nodes: int) -> Level:
    """Adds up the rows of each node from the best source that it has."""
    rows = rows.where(rows.node >= 0)
    rows = rows.where(from_best_source(rows.node, rows.rank, nodes))
    rank = np.full(nodes, NOBODY, dtype=np.int64)
    rank[rows.node] = rows.rank
    return Level(total(rows.node, rows.watts, nodes), rank)


def share_hosts(rows: Rows, packages: Level, boards: Boards, holdings: Holdings, cast: Cast) -> HostShares:
    """Splits processors over pods: by the meter of pods that a node has, else as the GPUs are split.

    One source counts on each node. Two generations of an exporter, while one replaces the other, name the
    same pods.
    """
    nodes, pods = packages.watts.size, len(cast.pods)
    rows = rows.where(rows.pod >= 0)
    place = cast.pod_node[rows.pod]
    rows = rows.where(from_best_source(place, rows.rank, nodes))
    metered = total(rows.pod, rows.watts, pods)
    rank = np.full(pods, NOBODY, dtype=np.int64)
    rank[rows.pod] = rows.rank
    with_meter = np.zeros(nodes, dtype=bool)
    with_meter[cast.pod_node[rows.pod]] = True
    follows = _follow_gpus(packages, boards, holdings, pods)
    follows[with_meter[cast.pod_node]] = 0.0
    return HostShares(metered + follows, rank, follows > 0, rows)


def _follow_gpus(packages: Level, boards: Boards, holdings: Holdings, pods: int) -> Floats:
    here = boards.node >= 0
    count = np.bincount(boards.node[here], minlength=packages.watts.size)
    per_board = np.divide(packages.watts, count, out=np.zeros_like(packages.watts), where=count > 0)
    node = boards.node[holdings.board]
    return total(holdings.pod, per_board[node] * holdings.part, pods)
