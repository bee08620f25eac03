"""Nodes that nobody measures: what their devices, the pods on them and their nameplates make likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from recommender.model.draws import NodeDraw
from recommender.model.nodes import GpuView, NodeView
from recommender.model.pods import PodView

IDLE_SHARE = 0.15
"""Of its highest limit an idle GPU draws about so much: 60 to 100 W of 400 to 700 W on A100 and H100."""
SOURCE = "estimate"


def estimate_nodes(
    nodes: Mapping[str, NodeView], measured: Iterable[str], pods: Iterable[PodView]
) -> tuple[dict[str, NodeDraw], dict[str, float]]:
    """Returns the likely draw of nodes that nobody measures, and of the pods on them by key.

    A pod counts with what was reserved for it at admission, else with the GPUs that it requests at their
    limits. GPUs that nobody requests idle. What the nameplate leaves besides the GPUs is counted in full. A
    node of which neither devices nor nameplate nor pods say anything is absent.
    """
    told = frozenset(measured)
    left = {name: view for name, view in nodes.items() if name not in told}
    members: dict[str, list[PodView]] = defaultdict(list)
    for pod in pods:
        if pod.node in left:
            members[pod.node].append(pod)
    draws: dict[str, NodeDraw] = {}
    by_pod: dict[str, float] = {}
    for name, view in left.items():
        mine = {pod.key: estimate_pod(pod, view) for pod in members[name]}
        if draw := _estimate(view, members[name], sum(mine.values())):
            draws[name] = draw
            by_pod.update((key, watts) for key, watts in mine.items() if watts)
    return draws, by_pod


def estimate_pod(pod: PodView, node: NodeView) -> float:
    """Returns the watts reserved for a pod, else its GPUs at their limits; 0 where neither is known."""
    limits = [_limit(gpu) for gpu in node.gpus]
    per_gpu = max(limits, default=0)
    return float(pod.reserved_watts or min(pod.gpus, len(limits)) * per_gpu)


def host_watts(node: NodeView) -> float:
    """Returns what the nameplate leaves for everything but the GPUs; 0 without a nameplate."""
    return float(max(0, node.nameplate_watts - sum(gpu.maximum_watts for gpu in node.gpus)))


def _estimate(node: NodeView, pods: Iterable[PodView], pods_watts: float) -> NodeDraw | None:
    requested = sum(pod.gpus for pod in pods)
    free = max(0, len(node.gpus) - requested)
    idle = IDLE_SHARE * sum(sorted((_limit(gpu) for gpu in node.gpus), reverse=True)[:free])
    total = pods_watts + idle + host_watts(node)
    if node.nameplate_watts:
        total = min(total, max(float(node.nameplate_watts), pods_watts + idle))
    if not total:
        return None
    return NodeDraw(total, pods_watts, idle, total - pods_watts - idle, SOURCE, estimated=True)


def _limit(gpu: GpuView) -> int:
    return gpu.limit_watts or gpu.maximum_watts
