"""Pods as the recommender sees them: where they run, to which workload they belong, what they hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.api.core import Container, Pod
from common.api.meta import object_key, parse_time
from common.api.names import ANNOTATION_WATTS, WATTS_RESOURCE
from common.api.quantity import whole_number
from common.api.workload import workload_of
from common.models.power.key import ModelKey, model_key

_GPU_RESOURCE = "nvidia.com/gpu"
_PHASE_RUNNING = "Running"


@dataclass(frozen=True)
class PodView:
    """A running pod.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        node: Where it runs.
        labels: For selectors.
        workload: ``Kind/name`` of what made it, as people know it (a Deployment, not its ReplicaSet).
        containers: Names of its containers.
        gpu_container: The container that holds GPUs; the first one where none does.
        gpus: GPUs requested.
        reserved_watts: Watts reserved at admission; 0 where none were.
        started: Unix seconds; minus infinity where unknown.
        ended: Unix seconds; infinity while it runs.
        kind: By which like workloads are known, the GPU type left open; None where nothing can be learned.
        priority: Of the pod, as its PriorityClass says.
        key: ``namespace/name``.
        alike: The labels, hashable and in order; equal for replicas.
    """

    namespace: str
    name: str
    node: str
    labels: Mapping[str, str]
    workload: str
    containers: tuple[str, ...]
    gpu_container: str
    gpus: int
    reserved_watts: int
    started: float = -math.inf
    ended: float = math.inf
    kind: ModelKey | None = None
    priority: int = 0

    key: str = field(init=False)
    alike: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", object_key(self.name, self.namespace))
        object.__setattr__(self, "alike", tuple(sorted(self.labels.items())))


def view_pod(pod: Pod) -> PodView | None:
    """Returns the view of a running pod; None for one that draws nothing (not placed, or ended)."""
    if pod.status.phase != _PHASE_RUNNING or not pod.spec.node_name:
        return None
    containers = pod.spec.containers or []
    counts = [
        whole_number(container.resources.limits.get(_GPU_RESOURCE, "")) or 0 for container in containers
    ]
    holder = next((c.name for c, count in zip(containers, counts, strict=True) if count), "")
    return PodView(
        namespace=pod.namespace,
        name=pod.name,
        node=pod.spec.node_name,
        labels=pod.metadata.labels,
        workload=workload_of(pod),
        containers=tuple(container.name for container in containers),
        gpu_container=holder or (containers[0].name if containers else ""),
        gpus=sum(counts),
        reserved_watts=_reserved(pod, containers),
        started=_started(pod),
        kind=_kind(containers, counts),
        priority=pod.spec.priority,
    )


def _kind(containers: list[Container], counts: list[int]) -> ModelKey | None:
    for container, count in zip(containers, counts, strict=True):
        if count:
            return model_key(container.image, container.command, container.args, "", count)
    return None


def _started(pod: Pod) -> float:
    started = parse_time(pod.status.start_time) if pod.status.start_time else None
    return started.timestamp() if started else -math.inf


def _reserved(pod: Pod, containers: list[Container]) -> int:
    requested = sum(whole_number(c.resources.requests.get(WATTS_RESOURCE, "")) or 0 for c in containers)
    return requested or whole_number(pod.metadata.annotations.get(ANNOTATION_WATTS, "")) or 0
