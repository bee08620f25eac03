"""GPUs of nodes where no source tells who holds which: the pods' requests stand in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.boards import Boards
from recommender.logic.attribution.cast import Cast, Flags, Ints
from recommender.logic.attribution.holdings import Holdings
from recommender.logic.attribution.rows import NOBODY, total


@dataclass(frozen=True)
class Requested:
    """What pods draw on GPUs that nobody says they hold.

    Attributes:
        watts: By pod; 0 where a source tells its GPUs.
        applies: Whether a pod's watts go by its request.
        certain: Number of the node's only pod with GPUs, by board, where it requests them all; else
            ``NOBODY``.
    """

    watts: Floats
    applies: Flags
    certain: Ints


def by_request(boards: Boards, holdings: Holdings, cast: Cast, nodes: int) -> Requested:
    """Gives the busiest boards of a node, as many as are requested, to its pods by their requests.

    Only on nodes where no board has a holder: without pod labels at the exporter, or with the agents alone.
    Whose board is whose stays open, but for a pod that requests every GPU of its node.
    """
    here = boards.node >= 0
    told = np.zeros(nodes, dtype=bool)
    told[boards.node[holdings.board]] = True
    count = np.bincount(boards.node[here], minlength=nodes)
    asked = np.array([pod.gpus for pod in cast.pods[: cast.running]], dtype=np.int64)
    asked = np.r_[asked, np.zeros(len(cast.pods) - cast.running, dtype=np.int64)]
    asked = np.where(told[cast.pod_node] | (count[cast.pod_node] == 0), 0, asked)
    requested = total(cast.pod_node, asked.astype(np.float64), nodes)
    busy = _busiest(boards, requested)
    watts = total(boards.node[busy], boards.watts[busy], nodes)
    each = np.divide(watts, requested, out=np.zeros(nodes), where=requested > 0)
    applies = asked > 0
    return Requested(
        asked.astype(np.float64) * each[cast.pod_node], applies, _only_pods(boards, asked, count, cast)
    )


def _busiest(boards: Boards, requested: Floats) -> Ints:
    """Returns the boards of each node that draw most, as many as its pods request."""
    order = np.lexsort((-boards.watts, boards.node))
    order = order[boards.node[order] >= 0]
    node = boards.node[order]
    starts = np.flatnonzero(np.r_[True, node[1:] != node[:-1]]) if node.size else node
    counts = np.diff(np.r_[starts, node.size])
    position = np.arange(node.size) - np.repeat(starts, counts)
    return order[position < requested[node]]


def _only_pods(boards: Boards, asked: Ints, count: Ints, cast: Cast) -> Ints:
    whole = np.flatnonzero((asked > 0) & (asked == count[cast.pod_node]))
    pod_of = np.full(count.size, NOBODY, dtype=np.int64)
    several = np.bincount(cast.pod_node[asked > 0], minlength=count.size) > 1
    pod_of[cast.pod_node[whole]] = whole
    pod_of[several] = NOBODY
    return np.append(pod_of, NOBODY)[boards.node]
