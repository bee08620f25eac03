"""Attribution: node watts to GPUs, to pods, to containers; what is idle or cannot be told apart is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from common.telemetry.columns import Floats
from common.telemetry.table import (
    SCOPE_CONTAINER,
    SCOPE_GPU,
    SCOPE_GPU_USE,
    SCOPE_NODE,
    SCOPE_PACKAGE,
    SCOPE_PACKAGE_IDLE,
    SCOPE_POD,
    SCOPE_POD_GPU,
    PowerTable,
)
from recommender.logic.attribution.assemble import Shares, assemble_pods
from recommender.logic.attribution.balance import Parts, balance, boards_by_node
from recommender.logic.attribution.boards import Boards, read_boards
from recommender.logic.attribution.cast import Cast, make_cast
from recommender.logic.attribution.estimates import estimate_nodes, host_watts
from recommender.logic.attribution.holdings import read_holdings
from recommender.logic.attribution.hosts import Level, by_node, share_hosts
from recommender.logic.attribution.requests import by_request
from recommender.logic.attribution.rows import Book, read_rows, total
from recommender.model.draws import Draws, NodeDraw, PodDraw
from recommender.model.nodes import NodeView
from recommender.model.pods import PodView


def attribute(
    table: PowerTable,
    pods: Sequence[PodView],
    windows: Mapping[str, float],
    *,
    nodes: Mapping[str, NodeView] | None = None,
    ended: Iterable[PodView] = (),
    at: float = 0.0,
) -> Draws:
    """Says whose watts a table of fresh readings holds.

    For each node and kind of device one source counts: the best of those that are fresh there. Impossible
    values are left out. Of every node, pods + idle + unattributed = total.

    Args:
        table: Fresh rows only.
        pods: Running pods.
        windows: Seconds that a source's watts are the mean of, by source, best source first.
        nodes: What is known of the nodes, for those that nobody measures.
        ended: Pods that ended lately: they had their part of what was drawn until then.
        at: Unix seconds of the reading.
    """
    cast = make_cast(pods, ended, nodes or {})
    book = read_rows(table, cast, windows, at)
    sources = tuple(windows)
    shares, packages = _share(book, cast)
    parts = _parts(book, shares, packages, cast, nodes or {})
    drawn = assemble_pods(shares, cast, sources)
    balanced = balance(list(cast.node_index), parts, shares.boards, sources)
    estimates, estimated_pods = estimate_nodes(nodes or {}, balanced, pods)
    return _draws(shares, cast, drawn, balanced, (estimates, estimated_pods))


def _share(book: Book, cast: Cast) -> tuple[Shares, Level]:
    """Gives pods their parts of GPUs and processors; also returns the processors' watts by node."""
    nodes = len(cast.node_index)
    rows = book.of(SCOPE_GPU)
    boards = read_boards(rows, book, cast)
    holdings = read_holdings(rows, book.of(SCOPE_GPU_USE), book.of(SCOPE_POD_GPU), boards, cast)
    packages = by_node(book.of(SCOPE_PACKAGE), nodes)
    shares = Shares(
        boards=boards,
        holdings=holdings,
        requested=by_request(boards, holdings, cast, nodes),
        hosts=share_hosts(book.of(SCOPE_POD), packages, boards, holdings, cast),
        containers=book.of(SCOPE_CONTAINER),
        container_names=list(book.containers),
    )
    return shares, packages


def _parts(book: Book, shares: Shares, packages: Level, cast: Cast, nodes: Mapping[str, NodeView]) -> Parts:
    size, pods = len(cast.node_index), len(cast.pods)
    gpu = shares.gpu_watts(pods)
    boards = boards_by_node(shares.boards, size)
    measured = by_node(book.of(SCOPE_NODE), size)
    return Parts(
        measured=measured,
        packages=packages,
        boards=boards,
        pods=total(cast.pod_node, gpu + shares.hosts.watts, size),
        pods_boards=total(cast.pod_node, gpu, size),
        idle_packages=by_node(book.of(SCOPE_PACKAGE_IDLE), size),
        unmeasured_host=_unmeasured_host(boards, measured, packages, cast, nodes),
    )


def _unmeasured_host(
    boards: Floats, measured: Level, packages: Level, cast: Cast, nodes: Mapping[str, NodeView]
) -> Floats:
    """Returns what is left of the nameplate where only GPUs are measured; 0 elsewhere."""
    watts = np.zeros(boards.size)
    alone = (boards > 0) & ~measured.known & ~packages.known
    names = list(cast.node_index)
    for number in np.flatnonzero(alone).tolist():
        view = nodes.get(names[number])
        watts[number] = host_watts(view) if view else 0.0
    return watts


def _draws(
    shares: Shares, cast: Cast, drawn: Mapping[int, PodDraw], balanced: Mapping[str, NodeDraw],
    estimates: tuple[Mapping[str, NodeDraw], Mapping[str, float]],
) -> Draws:  # fmt: skip
    boards, names = shares.boards, [*cast.node_index, ""]
    watts = boards.watts.tolist()
    return Draws(
        nodes=balanced,
        pods={cast.pods[pod].key: draw for pod, draw in drawn.items() if pod < cast.running},
        gpus=dict(zip(boards.uuids, watts, strict=True)),
        gpu_node=dict(zip(boards.uuids, (names[node] for node in boards.node.tolist()), strict=True)),
        holders=_holders(shares, boards, cast),
        ended={cast.pods[pod].key: draw for pod, draw in drawn.items() if pod >= cast.running},
        estimates=estimates[0],
        estimated_pods=estimates[1],
    )


def _holders(shares: Shares, boards: Boards, cast: Cast) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {uuid: {} for uuid in boards.uuids}
    pairs = zip(shares.holdings.board.tolist(), shares.holdings.pod.tolist(), strict=True)
    for board, pod in pairs:
        if pod < cast.running:
            found[boards.uuids[board]][cast.pods[pod].key] = None
    for board, pod in enumerate(shares.requested.certain.tolist()):
        if pod >= 0:
            found[boards.uuids[board]][cast.pods[pod].key] = None
    return {uuid: tuple(keys) for uuid, keys in found.items()}
