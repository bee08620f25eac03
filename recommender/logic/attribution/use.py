"""How pods that share a GPU use it."""

from __future__ import annotations

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.boards import Boards
from recommender.logic.attribution.cast import Flags, Ints
from recommender.logic.attribution.rows import Rows, from_best_source, total


def uses(board: Ints, pod: Ints, boards: Boards, shares: Rows, pod_watts: Rows) -> Floats:
    """Returns the weight of each holding: the use that a source tells, else 1.

    Uses are comparable only within one source, and say nothing of a holder that they leave out: a board
    counts by use only where its best source names every holder. Without a source by GPU, the pods' own GPU
    watts are taken, evenly over the GPUs that a pod holds.

    Args:
        board: GPU of each holding.
        pod: Its pod.
        boards: The GPUs.
        shares: Rows that tell the use of a GPU by pod.
        pod_watts: Rows of pods' GPU watts where no GPU is told.
    """
    direct, told = _by_board(board, pod, boards, shares)
    indirect, named = _by_pod(board, pod, pod_watts)
    return np.where(
        _complete(board, told, len(boards)),
        direct,
        np.where(_complete(board, named, len(boards)), indirect, 1.0),
    )


def _by_board(board: Ints, pod: Ints, boards: Boards, rows: Rows) -> tuple[Floats, Flags]:
    rows = rows.where((rows.pod >= 0) & (boards.of_device[rows.device] >= 0))
    if not len(rows) or not board.size:
        return np.zeros(board.size), np.zeros(board.size, dtype=bool)
    rows = rows.where(from_best_source(boards.of_device[rows.device], rows.rank, len(boards)))
    width = int(max(pod.max(), rows.pod.max())) + 1
    keys, place = np.unique(boards.of_device[rows.device] * width + rows.pod, return_inverse=True)
    sums = total(place, rows.watts, keys.size)
    wanted = board * width + pod
    found = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    told = keys[found] == wanted
    return np.where(told, sums[found], 0.0), told


def _by_pod(board: Ints, pod: Ints, rows: Rows) -> tuple[Floats, Flags]:
    rows = rows.where(rows.pod >= 0)
    if not len(rows) or not board.size:
        return np.zeros(board.size), np.zeros(board.size, dtype=bool)
    length = int(max(pod.max(), rows.pod.max())) + 1
    rows = rows.where(from_best_source(rows.pod, rows.rank, length))
    watts = total(rows.pod, rows.watts, length)
    named = np.bincount(rows.pod, minlength=length) > 0
    held = np.maximum(np.bincount(pod, minlength=length), 1)
    return (watts / held)[pod], named[pod]


def _complete(board: Ints, told: Flags, boards: int) -> Flags:
    """Tells for each holding whether its board's are all told."""
    missing = np.bincount(board[~told], minlength=boards) > 0
    complete: Flags = ~missing[board]
    return complete
