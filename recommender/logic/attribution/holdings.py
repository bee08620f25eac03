"""Who held which GPU for how long, and which part of its watts is theirs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.boards import Boards
from recommender.logic.attribution.cast import Cast, Flags, Ints
from recommender.logic.attribution.rows import Rows
from recommender.logic.attribution.use import uses


@dataclass(frozen=True)
class Holdings:
    """Columns of equal length: one row per GPU, pod and container.

    Attributes:
        board: The GPU.
        pod: Who holds or held it.
        container: Which container of the pod; 0 where no source tells.
        present: Whether they were there at all within the window of the board's reading.
        part: Part of the board's mean watts that is theirs; of a board at most 1 in all, the rest is idle.
    """

    board: Ints
    pod: Ints
    container: Ints
    present: Flags
    part: Floats


def read_holdings(rows: Rows, shares: Rows, pod_watts: Rows, boards: Boards, cast: Cast) -> Holdings:
    """Splits each board's watts over its holders, by the time they held it and by how they used it.

    Holders are those that any source names, as far as they run or ran within the window: exporters name pods
    for a while after they have ended. Of two sources one may tell containers and the other not: the one that
    tells counts.

    Args:
        rows: Rows of GPUs.
        shares: Rows that tell the use of a GPU by pod.
        pod_watts: Rows of pods' GPU watts where no GPU is told.
        boards: The GPUs.
        cast: The pods.
    """
    held = rows.where((rows.pod >= 0) & (rows.device > 0))
    board, pod, container = _distinct(boards.of_device[held.device], held.pod, held.container)
    here = cast.pod_node[pod] == boards.node[board]
    board, pod, container = board[here], pod[here], container[here]
    begins, ends = _presence(board, pod, boards, cast)
    weight = (ends - begins) * uses(board, pod, boards, shares, pod_watts)
    weight = _where_any(weight, ends - begins, board, len(boards))
    weight /= _count_alike(board, pod)
    sums = np.bincount(board, weights=weight, minlength=len(boards))
    occupied = _union(board, begins, ends, len(boards))
    part = np.divide(weight * occupied[board], sums[board], out=np.zeros_like(weight), where=sums[board] > 0)
    return Holdings(board, pod, container, ends > begins, part)


def _distinct(board: Ints, pod: Ints, container: Ints) -> tuple[Ints, Ints, Ints]:
    """Returns each combination once, sorted; without the nameless container of a pod that has named ones."""
    if not board.size:
        return board, pod, container
    names, pods = int(container.max()) + 1, int(pod.max()) + 1
    keys = np.unique((board * pods + pod) * names + container)
    pair, container = np.divmod(keys, names)
    same = np.r_[pair[1:] == pair[:-1], False]
    kept = ~(same & (container == 0))
    board, pod = np.divmod(pair[kept], pods)
    return board, pod, container[kept]


def _presence(board: Ints, pod: Ints, boards: Boards, cast: Cast) -> tuple[Floats, Floats]:
    """Returns from when to when each pod was there, as shares of the window of the board's reading."""
    since, length = boards.since[board], (boards.until - boards.since)[board]
    begins = np.clip((cast.started[pod] - since) / length, 0.0, 1.0)
    ends = np.clip((cast.ended[pod] - since) / length, 0.0, 1.0)
    return begins, np.maximum(begins, ends)


def _where_any(weight: Floats, otherwise: Floats, board: Ints, boards: int) -> Floats:
    """Returns the weights; those of boards on which nobody has any are replaced."""
    silent: Flags = np.bincount(board, weights=weight, minlength=boards) <= 0
    return np.where(silent[board], otherwise, weight)


def _count_alike(board: Ints, pod: Ints) -> Ints:
    """Returns, for each row, how many containers its pod has on its board; rows are sorted."""
    if not board.size:
        return board
    starts = np.flatnonzero(np.r_[True, (board[1:] != board[:-1]) | (pod[1:] != pod[:-1])])
    counts = np.diff(np.r_[starts, board.size])
    return np.repeat(counts, counts)


def _union(board: Ints, begins: Floats, ends: Floats, boards: int) -> Floats:
    """Returns the share of the window in which anybody held each board."""
    order = np.lexsort((begins, board))
    group, begin, end = board[order], begins[order], ends[order]
    # Groups are laid out behind one another, far enough apart that a running maximum never crosses over.
    reach = np.maximum.accumulate(end + 2.0 * group) if group.size else end
    before = np.r_[-np.inf, reach[:-1]] - 2.0 * group if group.size else end
    gained = np.maximum(0.0, end - np.maximum(begin, before))
    return np.minimum(1.0, np.bincount(group, weights=gained, minlength=boards))
