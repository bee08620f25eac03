"""GPUs from the table: one reading per board, and who holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.api.meta import object_key
from common.telemetry.table import SCOPE_GPU, PowerTable
from recommender.model.pods import PodView


@dataclass(frozen=True)
class Holder:
    """A container (by name; empty where the source does not tell) of a pod that holds a GPU."""

    pod: str
    container: str


@dataclass(frozen=True)
class GpuDraw:
    """One board: its node, watts, source and holders."""

    uuid: str
    node: str
    watts: float
    source: str
    holders: tuple[Holder, ...]


def read_gpus(table: PowerTable, ranks: Mapping[str, int], pods: Mapping[str, PodView]) -> list[GpuDraw]:
    """Merges all rows of each GPU.

    The best source gives the watts, the highest of its rows (MIG instances repeat the board's). Holders are
    those of any source, as long as the pod runs: exporters name pods for a while after they have ended. A
    holder's node is where the GPU is, whatever an exporter takes for its host name.
    """
    best: dict[str, tuple[int, float, str]] = {}
    node_of: dict[str, str] = {}
    holders: dict[str, dict[Holder, None]] = {}
    rows = table.where(table.scope == SCOPE_GPU)
    for node, uuid, namespace, pod, container, source, watts in zip(
        rows.node, rows.device, rows.namespace, rows.pod, rows.container, rows.source, rows.watts.tolist(),
        strict=True,
    ):  # fmt: skip
        offer = (-ranks[source], watts, source)
        if uuid not in best or offer > best[uuid]:
            best[uuid], node_of[uuid] = offer, node or node_of.get(uuid, "")
        key = object_key(pod, namespace) if pod else ""
        if key in pods:
            holders.setdefault(uuid, {})[Holder(key, container)] = None
    return [
        GpuDraw(
            uuid,
            _node(node_of[uuid], holders.get(uuid, {}), pods),
            watts,
            source,
            tuple(holders.get(uuid, ())),
        )
        for uuid, (_, watts, source) in best.items()
    ]


def _node(told: str, holders: Iterable[Holder], pods: Mapping[str, PodView]) -> str:
    return next((pods[holder.pod].node for holder in holders), told)
