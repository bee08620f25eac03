"""The balance of every node: pods + idle + unattributed = total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.boards import Boards
from recommender.logic.attribution.cast import Flags
from recommender.logic.attribution.hosts import Level
from recommender.logic.attribution.rows import total
from recommender.model.draws import NodeDraw


@dataclass(frozen=True)
class Parts:
    """What nodes draw, by part, in columns of nodes.

    Attributes:
        measured: Whole machines.
        packages: Processors.
        boards: GPUs.
        pods: Attributed to pods, GPUs and processors.
        pods_boards: Of that, on GPUs.
        idle_packages: Of the processors without work, as far as their meter tells.
        unmeasured_host: What the rest of a node draws at most, where only its GPUs are measured.
    """

    measured: Level
    packages: Level
    boards: Floats
    pods: Floats
    pods_boards: Floats
    idle_packages: Level
    unmeasured_host: Floats


def balance(names: list[str], parts: Parts, boards: Boards, sources: tuple[str, ...]) -> dict[str, NodeDraw]:
    """Balances every node that anybody measures.

    Readings of the parts and of the whole are taken at slightly different moments; where the parts are more,
    they count, since they are the safer figure.

    Args:
        names: Nodes by number.
        parts: Their watts.
        boards: The GPUs.
        sources: Names by rank.
    """
    # Processors without work cannot draw what pods are said to draw on them.
    spare = np.maximum(0.0, parts.packages.watts - (parts.pods - parts.pods_boards))
    idle = np.maximum(0.0, parts.boards - parts.pods_boards) + np.minimum(parts.idle_packages.watts, spare)
    whole = np.maximum.reduce([
        parts.measured.watts,
        parts.boards + parts.packages.watts + parts.unmeasured_host,
        parts.pods + idle,
    ])  # fmt: skip
    rest = np.maximum(0.0, whole - parts.pods - idle)
    with_boards = np.bincount(boards.node[boards.node >= 0], minlength=len(names)) > 0
    told = parts.measured.known | parts.packages.known | with_boards
    columns = [column.tolist() for column in (whole, parts.pods, idle, rest)]
    source = _sources(parts, boards, sources)
    estimated = (parts.unmeasured_host > 0).tolist()
    return {
        names[node]: NodeDraw(
            columns[0][node], columns[1][node], columns[2][node], columns[3][node], source[node],
            estimated[node],
        )
        for node in np.flatnonzero(told).tolist()
    }  # fmt: skip


def boards_by_node(boards: Boards, nodes: int) -> Floats:
    """Returns the GPUs' watts by node."""
    here = boards.node >= 0
    return total(boards.node[here], boards.watts[here], nodes)


def _sources(parts: Parts, boards: Boards, names: tuple[str, ...]) -> list[str]:
    rank = np.full(parts.boards.size, len(names), dtype=np.int64)
    here = boards.node >= 0
    np.minimum.at(rank, boards.node[here], boards.rank[here])
    for level in (parts.packages, parts.measured):
        known: Flags = level.known
        rank[known] = level.rank[known]
    texts = (*names, "")
    return [texts[number] for number in rank.tolist()]
