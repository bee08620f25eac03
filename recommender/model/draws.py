"""Whose watts: the outcome of attribution, by node, pod, container and GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class NodeDraw(NamedTuple):
    """A node's watts; pods + idle + unattributed = total.

    Attributes:
        total_watts: Measured, or the sum of the parts where nobody measures the whole.
        pods_watts: Attributed to pods, those that ended within the window included.
        idle_watts: Of GPUs for as long as no pod held them, and of processors as far as their meter tells it.
        unattributed_watts: The rest: fans, memory, network, and whatever cannot be told apart.
        source: Who measured it.
        estimated: Whether any part of the total is an estimate, for want of a meter.
    """

    total_watts: float
    pods_watts: float
    idle_watts: float
    unattributed_watts: float
    source: str
    estimated: bool = False


class PodDraw(NamedTuple):
    """A pod's watts.

    Attributes:
        gpu_watts: Of the GPUs it holds, its share where they are shared.
        host_watts: Of the processors.
        host_estimated: Whether the processors' part is a share by GPUs, for want of a meter by pod.
        containers: Watts by container; they sum to the pod's.
        gpus: UUIDs of the GPUs it holds.
        source: Who measured it.
        gpu_estimated: Whether the GPUs' part goes by what the pod requests, for want of a source that tells
            who holds which.
    """

    gpu_watts: float
    host_watts: float
    host_estimated: bool
    containers: Mapping[str, float]
    gpus: tuple[str, ...]
    source: str
    gpu_estimated: bool = False

    @property
    def watts(self) -> float:
        """GPUs and processors together."""
        return self.gpu_watts + self.host_watts


@dataclass(frozen=True)
class Draws:
    """All that is known of the present draw.

    Attributes:
        nodes: By node name; nodes that nobody measures are absent.
        pods: By ``namespace/name``; pods that nobody measures are absent.
        gpus: Watts by UUID.
        gpu_node: Node by UUID.
        holders: Keys of the pods that hold a GPU, by UUID.
        ended: Pods that ended within the window of a reading; their watts are in ``pods_watts`` of the nodes.
        estimates: Nodes that nobody measures, by what is known of their devices and pods.
        estimated_pods: Watts of pods that nobody measures, by key, on the nodes of ``estimates``.
    """

    nodes: Mapping[str, NodeDraw] = field(default_factory=dict)
    pods: Mapping[str, PodDraw] = field(default_factory=dict)
    gpus: Mapping[str, float] = field(default_factory=dict)
    gpu_node: Mapping[str, str] = field(default_factory=dict)
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ended: Mapping[str, PodDraw] = field(default_factory=dict)
    estimates: Mapping[str, NodeDraw] = field(default_factory=dict)
    estimated_pods: Mapping[str, float] = field(default_factory=dict)
