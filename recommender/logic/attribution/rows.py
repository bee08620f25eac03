"""Readings as numbers: names are looked up once, and all further work is on whole columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from common.telemetry.columns import Floats
from common.telemetry.reading import IMPOSSIBLE_WATTS
from common.telemetry.table import PowerTable
from recommender.logic.attribution.cast import Cast, Flags, Ints, number_names

NOBODY = -1
_LEAST_WINDOW_SECONDS = 1e-3


@dataclass(frozen=True)
class Rows:
    """Columns of equal length, one row per reading; numbers as in ``Cast`` and ``Book``.

    Attributes:
        node: Node that the source names; ``NOBODY`` without one.
        device: GPU, package or zone.
        pod: Pod; ``NOBODY`` for none, or one that neither runs nor ran within the window.
        container: Container; 0 without a name.
        rank: Of the source; 0 is the best.
        watts: Possible values only.
        since: Unix seconds: the watts are the mean from here …
        until: … to here.
    """

    node: Ints
    device: Ints
    pod: Ints
    container: Ints
    rank: Ints
    watts: Floats
    since: Floats
    until: Floats

    def __len__(self) -> int:
        return int(self.watts.size)

    def where(self, mask: Flags) -> Rows:
        """Returns the rows for which the mask is true."""
        return Rows(
            self.node[mask], self.device[mask], self.pod[mask], self.container[mask], self.rank[mask],
            self.watts[mask], self.since[mask], self.until[mask],
        )  # fmt: skip


@dataclass(frozen=True)
class Book:
    """All rows by scope, and the names behind their numbers."""

    scopes: Mapping[str, Rows]
    devices: dict[str, int] = field(default_factory=dict)
    containers: dict[str, int] = field(default_factory=dict)

    def of(self, scope: str) -> Rows:
        """Returns a scope's rows; none of a scope that nobody measures."""
        return self.scopes.get(scope, _NO_ROWS)


def read_rows(table: PowerTable, cast: Cast, windows: Mapping[str, float], at: float) -> Book:
    """Numbers a table's rows; what is no possible draw, or of an unknown source, is left out.

    Args:
        table: Fresh readings.
        cast: Nodes and pods; nodes that only exporters know are added.
        windows: Seconds that a source's watts are the mean of, by source, best source first.
        at: Unix seconds of the reading.
    """
    ranks = {name: rank for rank, name in enumerate(windows)}
    rank = np.array([ranks.get(name, NOBODY) for name in table.source.tolist()], dtype=np.int64)
    usable = (rank >= 0) & np.isfinite(table.watts) & (table.watts >= 0) & (table.watts <= IMPOSSIBLE_WATTS)
    if not usable.all():
        table, rank = table.where(usable), rank[usable]
    devices, containers = {"": 0}, {"": 0}
    lengths = np.array([*windows.values(), 0.0])[rank]
    ages = np.where(np.isfinite(table.age_seconds), table.age_seconds, 0.0)
    rows = Rows(
        node=_nodes(table, cast),
        device=number_names(table.device.tolist(), devices),
        pod=_pods(table, cast),
        container=number_names(table.container.tolist(), containers),
        rank=rank,
        watts=table.watts,
        since=at - ages - np.maximum(lengths, _LEAST_WINDOW_SECONDS),
        until=at - ages,
    )
    scope_index: dict[str, int] = {}
    scope = number_names(table.scope.tolist(), scope_index)
    return Book({name: rows.where(scope == code) for name, code in scope_index.items()}, devices, containers)


def from_best_source(group: Ints, rank: Ints, groups: int) -> Flags:
    """Tells which rows come from the best source that their group has."""
    best = np.full(groups, np.iinfo(np.int64).max)
    np.minimum.at(best, group, rank)
    chosen: Flags = rank == best[group]
    return chosen


def total(index: Ints, watts: Floats, length: int) -> Floats:
    """Returns the sum of watts by number."""
    return np.bincount(index, weights=watts, minlength=length).astype(np.float64)


def _nodes(table: PowerTable, cast: Cast) -> Ints:
    names = table.node.tolist()
    nobody = np.fromiter((not name for name in names), dtype=bool, count=len(names))
    numbers = number_names([name for name in names if name], cast.node_index)
    nodes = np.full(len(names), NOBODY, dtype=np.int64)
    nodes[~nobody] = numbers
    return nodes


def _pods(table: PowerTable, cast: Cast) -> Ints:
    find = cast.pod_index.get
    pairs = zip(table.namespace.tolist(), table.pod.tolist(), strict=True)
    return np.fromiter((find(pair, NOBODY) for pair in pairs), dtype=np.int64, count=len(table))


_EMPTY = np.zeros(0, dtype=np.int64)
_NO_ROWS = Rows(_EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, np.zeros(0), np.zeros(0), np.zeros(0))
