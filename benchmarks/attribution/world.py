"""A cluster that is measured in all the ways at once, in memory: pods, nodes, and a table of readings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from common.telemetry.columns import Floats
from common.telemetry.table import Place, PowerTable, join_tables, make_table
from recommender.model.nodes import GpuView, NodeView
from recommender.model.pods import PodView

AT = 1_000_000.0
GPUS = 8
PODS = 20
"""Per node: 8 hold GPUs, 12 hold none."""
WINDOWS = {"climatik": 1.0, "dcgm": 1.0, "kepler": 5.0, "kepler-0.9": 30.0}

AGENT, KEPLER, OLD_KEPLER, BOARDS_ALONE, UNMEASURED = range(5)
"""How a node is measured: our agent and DCGM; Kepler and DCGM; both Keplers and DCGM; DCGM; not at all."""
_KINDS = (AGENT, AGENT, AGENT, AGENT, KEPLER, KEPLER, OLD_KEPLER, OLD_KEPLER, BOARDS_ALONE, UNMEASURED)
_SHARED, _MIG = 3, 7
"""Of ten nodes, the one whose GPUs are time-sliced, and the one whose GPUs are MIG instances with a use."""
_TURNOVER = 0.01
"""Share of the pods that came, and of those that went, within the last seconds."""


@dataclass(frozen=True)
class World:
    """What attribution is given."""

    table: PowerTable
    pods: tuple[PodView, ...]
    ended: tuple[PodView, ...]
    nodes: dict[str, NodeView]


class _Rows:
    """Rows of one source."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.watts: list[float] = []

    def add(self, watts: float, *place: str) -> None:
        self.places.append(Place(*place))
        self.watts.append(watts)


def make_world(nodes: int, seed: int) -> World:
    """Returns a cluster of so many nodes; seeded."""
    random = np.random.default_rng(seed)
    rows = {source: _Rows() for source in WINDOWS}
    pods: list[PodView] = []
    ended: list[PodView] = []
    for node in range(nodes):
        running, gone = _pods(node, random)
        pods += running
        ended += gone
        _measure(node, [*running, *gone], rows, random)
    tables = [
        make_table(source, each.places, np.array(each.watts), random.uniform(0, 8, len(each.watts)))
        for source, each in rows.items()
    ]
    return World(
        join_tables(tables), tuple(pods), tuple(ended), {_name(node): _view(node) for node in range(nodes)}
    )


def _pods(node: int, random: np.random.Generator) -> tuple[list[PodView], list[PodView]]:
    running = [_pod(node, number) for number in range(PODS)]
    late = np.flatnonzero(random.random(PODS) < _TURNOVER).tolist()
    for number in late:
        running[number] = replace(running[number], started=AT - float(random.uniform(0, 20)))
    gone = [
        replace(_pod(node, PODS + number), ended=AT - float(random.uniform(0, 20)))
        for number in np.flatnonzero(random.random(PODS) < _TURNOVER).tolist()
    ]
    return running, gone


def _pod(node: int, number: int) -> PodView:
    held = number % PODS < GPUS
    return PodView(
        namespace=f"team-{node % 50}", name=f"pod-{node:05}-{number}", node=_name(node), labels={},
        workload=f"Deployment/model-{node // 5}", containers=("server", "proxy"), gpu_container="server",
        gpus=1 if held else 0, reserved_watts=500 if held else 0,
    )  # fmt: skip


def _measure(node: int, pods: list[PodView], rows: dict[str, _Rows], random: np.random.Generator) -> None:
    kind = _KINDS[node % len(_KINDS)]
    if kind == UNMEASURED:
        return
    name = _name(node)
    boards: Floats = random.uniform(60, 650, GPUS)
    host = float(random.uniform(200, 400))
    _measure_boards(node, pods, boards, rows["dcgm"], random)
    if kind == AGENT:
        rows["climatik"].add(float(boards.sum()) + host + 150.0, "node", name)
        rows["climatik"].add(host, "package", name, "0")
        for number, watts in enumerate(boards.tolist()):
            rows["climatik"].add(watts, "gpu", name, _uuid(node, number))
    if kind in (KEPLER, OLD_KEPLER):
        rows["kepler"].add(host, "package", name, "package")
        rows["kepler"].add(0.3 * host, "package-idle", name, "package")
        _measure_pods(pods, 0.6 * host, rows["kepler"], random)
    if kind == OLD_KEPLER:
        rows["kepler-0.9"].add(host * 1.1, "package", name, "0")
        _measure_containers(pods, 0.6 * host, rows["kepler-0.9"], random)


def _measure_boards(
    node: int, pods: list[PodView], boards: Floats, rows: _Rows, random: np.random.Generator
) -> None:
    name = _name(node)
    holders = [pod for pod in pods if pod.gpus]
    for number, watts in enumerate(boards.tolist()):
        uuid = _uuid(node, number)
        if node % len(_KINDS) in (_SHARED, _MIG):
            mine = [holders[number], holders[(number + 1) % GPUS]]
        else:
            mine = [pod for place, pod in enumerate(holders) if place % GPUS == number]
        for pod in mine:
            rows.add(watts, "gpu", name, uuid, pod.namespace, pod.name, "server")
            if node % len(_KINDS) == _MIG:
                rows.add(
                    float(random.uniform(0, 4)), "gpu-use", name, uuid, pod.namespace, pod.name, "server"
                )


def _measure_pods(pods: list[PodView], host: float, rows: _Rows, random: np.random.Generator) -> None:
    shares = random.dirichlet(np.ones(len(pods)))
    for pod, share in zip(pods, shares.tolist(), strict=True):
        rows.add(host * share, "pod", pod.node, "", pod.namespace, pod.name)
        rows.add(host * share * 0.8, "container", pod.node, "", pod.namespace, pod.name, "server")
        rows.add(host * share * 0.2, "container", pod.node, "", pod.namespace, pod.name, "proxy")


def _measure_containers(pods: list[PodView], host: float, rows: _Rows, random: np.random.Generator) -> None:
    shares = random.dirichlet(np.ones(len(pods)))
    for pod, share in zip(pods, shares.tolist(), strict=True):
        for container, part in (("server", 0.8), ("proxy", 0.2)):
            rows.add(host * share * part, "pod", "", "", pod.namespace, pod.name, container)


def _view(node: int) -> NodeView:
    boards = tuple(GpuView(_uuid(node, number), maximum_watts=700) for number in range(GPUS))
    return NodeView(_name(node), {}, nameplate_watts=6500, vouched=True, gpus=boards)


def _name(node: int) -> str:
    return f"node-{node:05}"


def _uuid(node: int, gpu: int) -> str:
    return f"GPU-{node:05}-{gpu}"
