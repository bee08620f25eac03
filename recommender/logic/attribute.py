"""Attribution: node watts to GPUs, to pods, to containers; what is idle or cannot be told apart is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from common.api.meta import object_key
from common.telemetry.columns import Floats
from common.telemetry.table import SCOPE_NODE, SCOPE_PACKAGE, SCOPE_POD, PowerTable
from recommender.logic.devices import GpuDraw, read_gpus
from recommender.model.draws import Draws, NodeDraw, PodDraw
from recommender.model.pods import PodView


def attribute(table: PowerTable, pods: Sequence[PodView], sources: Sequence[str]) -> Draws:
    """Says whose watts a table of fresh readings holds.

    Args:
        table: Fresh rows only.
        pods: Running pods.
        sources: Names of the sources, best first: where two measure one thing, the better one counts.
    """
    ranks = {name: rank for rank, name in enumerate(sources)}
    by_key = {pod.key: pod for pod in pods}
    gpus = read_gpus(table, ranks, by_key)
    hosts = _by_node(table, SCOPE_PACKAGE, ranks)
    metered = _metered_pods(table, by_key)
    pod_draws = _pod_draws(gpus, metered, _host_per_gpu(gpus, hosts), by_key)
    totals = _by_node(table, SCOPE_NODE, ranks)
    return Draws(
        nodes=_node_draws(totals, gpus, hosts, pod_draws, by_key),
        pods=pod_draws,
        gpus={gpu.uuid: gpu.watts for gpu in gpus},
        gpu_node={gpu.uuid: gpu.node for gpu in gpus},
        holders={gpu.uuid: tuple(dict.fromkeys(holder.pod for holder in gpu.holders)) for gpu in gpus},
    )


def _by_node(table: PowerTable, scope: str, ranks: Mapping[str, int]) -> dict[str, tuple[float, str]]:
    """Sums a scope's rows by node, from the best source that has the node."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    rows = table.where(table.scope == scope)
    for node, source, watts in zip(rows.node, rows.source, rows.watts.tolist(), strict=True):
        sums[node, source] += watts
    ordered = sorted(sums.items(), key=lambda item: ranks[item[0][1]], reverse=True)
    return {node: (watts, source) for (node, source), watts in ordered}


def _metered_pods(table: PowerTable, pods: Mapping[str, PodView]) -> dict[str, tuple[float, str]]:
    """Sums the processors' watts of pods that have a meter of their own."""
    found: dict[str, tuple[float, str]] = {}
    rows = table.where(table.scope == SCOPE_POD)
    for namespace, name, source, watts in zip(
        rows.namespace, rows.pod, rows.source, rows.watts.tolist(), strict=True
    ):
        key = object_key(name, namespace)
        if key in pods:
            found[key] = (found.get(key, (0.0, ""))[0] + watts, source)
    return found


def _host_per_gpu(gpus: Iterable[GpuDraw], hosts: Mapping[str, tuple[float, str]]) -> dict[str, float]:
    """Returns the processors' watts per GPU of a node: without a meter by pod, the host follows the GPUs."""
    count: dict[str, int] = defaultdict(int)
    for gpu in gpus:
        count[gpu.node] += 1
    return {node: hosts[node][0] / number for node, number in count.items() if node in hosts}


def _pod_draws(
    gpus: Sequence[GpuDraw],
    metered: Mapping[str, tuple[float, str]],
    host_per_gpu: Mapping[str, float],
    pods: Mapping[str, PodView],
) -> dict[str, PodDraw]:
    shares: dict[str, list[tuple[GpuDraw, str, float]]] = defaultdict(list)
    for gpu in gpus:
        for holder in gpu.holders:
            shares[holder.pod].append((gpu, holder.container, 1.0 / len(gpu.holders)))
    draws: dict[str, PodDraw] = {}
    for key in {**shares, **metered}:
        held = shares.get(key, [])
        meter = metered.get(key)
        estimate = sum(host_per_gpu.get(gpu.node, 0.0) * share for gpu, _, share in held)
        draws[key] = _pod_draw(pods[key], held, meter[0] if meter else estimate, meter)
    return draws


def _pod_draw(
    pod: PodView,
    held: Sequence[tuple[GpuDraw, str, float]],
    host_watts: float,
    meter: tuple[float, str] | None,
) -> PodDraw:
    containers: dict[str, float] = defaultdict(float)
    for gpu, container, share in held:
        containers[container or pod.gpu_container] += gpu.watts * share
    containers[pod.gpu_container] += host_watts
    sources = {gpu.source for gpu, _, _ in held} | ({meter[1]} if meter else set())
    return PodDraw(
        gpu_watts=sum(gpu.watts * share for gpu, _, share in held),
        host_watts=host_watts,
        host_estimated=meter is None and host_watts > 0,
        containers=dict(containers),
        gpus=tuple(dict.fromkeys(gpu.uuid for gpu, _, _ in held)),
        source=" + ".join(sorted(sources)),
    )


def _node_draws(
    totals: Mapping[str, tuple[float, str]],
    gpus: Sequence[GpuDraw],
    hosts: Mapping[str, tuple[float, str]],
    pod_draws: Mapping[str, PodDraw],
    pods: Mapping[str, PodView],
) -> dict[str, NodeDraw]:
    """Balances every node: pods + idle + unattributed = total.

    Readings of the parts and of the whole are taken at slightly different moments; where the parts are more,
    they count, since they are the safer figure.
    """
    names = sorted({*totals, *hosts, *(gpu.node for gpu in gpus)} - {""})
    index = {name: number for number, name in enumerate(names)}
    boards = _sum_by_node(index, ((gpu.node, gpu.watts) for gpu in gpus))
    idle = _sum_by_node(index, ((gpu.node, gpu.watts) for gpu in gpus if not gpu.holders))
    attributed = _sum_by_node(index, ((pods[key].node, draw.watts) for key, draw in pod_draws.items()))
    measured = np.array([totals.get(name, (0.0, ""))[0] for name in names])
    packages = np.array([hosts.get(name, (0.0, ""))[0] for name in names])
    whole = np.maximum.reduce([measured, boards + packages, attributed + idle])
    rest = whole - attributed - idle
    first_gpu = {gpu.node: gpu.source for gpu in reversed(gpus)}
    return {
        name: NodeDraw(
            float(whole[row]), float(attributed[row]), float(idle[row]), float(rest[row]),
            (totals.get(name) or hosts.get(name) or (0.0, first_gpu.get(name, "")))[1],
        )
        for name, row in index.items()
    }  # fmt: skip


def _sum_by_node(index: Mapping[str, int], parts: Iterable[tuple[str, float]]) -> Floats:
    listed = [(index[node], watts) for node, watts in parts if node in index]
    rows = np.array([row for row, _ in listed], dtype=np.int64)
    weights = np.array([watts for _, watts in listed], dtype=np.float64)
    return np.bincount(rows, weights=weights, minlength=len(index)).astype(np.float64)
