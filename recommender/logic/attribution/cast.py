"""Everybody whom watts may belong to, by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from common.telemetry.columns import Floats
from recommender.model.nodes import NodeView
from recommender.model.pods import PodView

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Cast:
    """Pods and nodes as numbers.

    Attributes:
        pods: Running ones, and behind them those that have ended.
        running: How many of them run.
        pod_index: By namespace and name; of two with one name the running one.
        node_index: Numbers of nodes; grows while rows are read.
        pod_node: Node of each pod.
        started: Unix seconds, minus infinity where unknown.
        ended: Unix seconds, infinity while it runs.
        board_node: Node of each GPU as its agent says, by UUID.
    """

    pods: Sequence[PodView]
    running: int
    pod_index: Mapping[tuple[str, str], int]
    node_index: dict[str, int]
    pod_node: Ints
    started: Floats
    ended: Floats
    board_node: Mapping[str, int]


def make_cast(pods: Sequence[PodView], ended: Iterable[PodView], nodes: Mapping[str, NodeView]) -> Cast:
    """Numbers running pods, ended ones whose name runs no more, and nodes."""
    names = {(pod.namespace, pod.name): number for number, pod in enumerate(pods)}
    every = [*pods, *(pod for pod in ended if (pod.namespace, pod.name) not in names)]
    index = {(pod.namespace, pod.name): number for number, pod in enumerate(every)}
    node_index = {name: number for number, name in enumerate(nodes)}
    pod_node = number_names([pod.node for pod in every], node_index)
    return Cast(
        pods=every,
        running=len(pods),
        pod_index=index,
        node_index=node_index,
        pod_node=pod_node,
        started=np.array([pod.started for pod in every], dtype=np.float64),
        ended=np.array([pod.ended for pod in every], dtype=np.float64),
        board_node={gpu.uuid: node_index[name] for name, view in nodes.items() for gpu in view.gpus},
    )


def number_names(values: Sequence[str], known: dict[str, int]) -> Ints:
    """Returns the number of each name; names that are new get the next ones, in order of the alphabet."""
    for value in sorted(set(values).difference(known)):
        known[value] = len(known)
    return np.fromiter(map(known.__getitem__, values), dtype=np.int64, count=len(values))
