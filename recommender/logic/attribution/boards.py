"""One reading per GPU: which source counts, where the GPU is, and when its watts were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.cast import Cast, Ints
from recommender.logic.attribution.rows import NOBODY, Book, Rows


@dataclass(frozen=True)
class Boards:
    """GPUs, one each.

    Attributes:
        uuids: Their names.
        node: Where each is.
        watts: What each draws.
        rank: Source of the watts.
        since: Unix seconds: the watts are the mean from here …
        until: … to here.
        of_device: Number of the board by number of the device; ``NOBODY`` for what is no GPU.
    """

    uuids: tuple[str, ...]
    node: Ints
    watts: Floats
    rank: Ints
    since: Floats
    until: Floats
    of_device: Ints

    def __len__(self) -> int:
        return len(self.uuids)


def read_boards(rows: Rows, book: Book, cast: Cast) -> Boards:
    """Merges all rows of each GPU.

    The best source gives the watts, the highest of its rows (MIG instances repeat the board's), the youngest
    of equal ones. A GPU is where its agent says; else where the pods run that an exporter names on it; else
    where the exporter says, whose host name need not be the node's.
    """
    rows = rows.where(rows.device > 0)
    newest_last = np.lexsort((-rows.until, -rows.watts, rows.rank, rows.device))
    devices, first = np.unique(rows.device[newest_last], return_index=True)
    best = rows.where(_mask(newest_last[first], len(rows)))
    order = np.argsort(best.device, kind="stable")
    names = list(book.devices)
    uuids = tuple(names[device] for device in devices.tolist())
    of_device = np.full(len(names), NOBODY, dtype=np.int64)
    of_device[devices] = np.arange(devices.size)
    return Boards(
        uuids=uuids,
        node=_place(uuids, rows, of_device, cast),
        watts=best.watts[order],
        rank=best.rank[order],
        since=best.since[order],
        until=best.until[order],
        of_device=of_device,
    )


def _mask(chosen: Ints, length: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask = np.zeros(length, dtype=bool)
    mask[chosen] = True
    return mask


def _place(uuids: tuple[str, ...], rows: Rows, of_device: Ints, cast: Cast) -> Ints:
    board = of_device[rows.device]
    place = np.full(len(uuids), NOBODY, dtype=np.int64)
    _last_word(place, board, rows.node, rows.rank)
    _last_word(place, board, np.append(cast.pod_node, NOBODY)[rows.pod], rows.rank)
    known = _agents_word(uuids, cast.board_node)
    return np.where(known >= 0, known, place)


def _last_word(place: Ints, board: Ints, node: Ints, rank: Ints) -> None:
    """Writes each board's node as its rows tell it; where they disagree the best source's counts."""
    order = np.lexsort((node, -rank))
    told = order[node[order] >= 0]
    place[board[told]] = node[told]


def _agents_word(uuids: tuple[str, ...], board_node: Mapping[str, int]) -> Ints:
    return np.fromiter((board_node.get(uuid, NOBODY) for uuid in uuids), dtype=np.int64, count=len(uuids))
