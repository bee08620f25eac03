"""What a machine room wants to know of a pod."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from common.api.core import Container, Pod

GPU_RESOURCE = "nvidia.com/gpu"
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*[bB](?![a-zA-Z])")
_DEFAULT_BILLIONS = 7.0
_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class PodView:
    """A pod that holds GPUs, or will: ``workload`` is its label ``app``, ``model`` what its server serves."""

    key: str
    uid: str
    namespace: str
    name: str
    node: str
    workload: str
    container: str
    gpus: int
    model: str
    is_running: bool


def view(pod: Pod) -> PodView | None:
    """Returns what matters of a pod that is bound and wants GPUs; None for any other, or an ended one."""
    holder = next((container for container in pod.spec.containers or [] if _gpus(container)), None)
    if holder is None or not pod.spec.node_name or pod.status.phase in _ENDED:
        return None
    return PodView(
        key=pod.key,
        uid=pod.metadata.uid,
        namespace=pod.namespace,
        name=pod.name,
        node=pod.spec.node_name,
        workload=pod.metadata.labels.get("app", pod.name),
        container=holder.name,
        gpus=sum(_gpus(container) for container in pod.spec.containers or []),
        model=_model(holder),
        is_running=pod.status.phase == "Running",
    )


def billions_of_parameters(model: str) -> float:
    """Reads a model's size from its name ("Llama-3.1-8B-Instruct" is 8); 7 where it does not say."""
    found = _BILLIONS.search(model)
    return float(found[1]) if found else _DEFAULT_BILLIONS


def _gpus(container: Container) -> int:
    return int(container.resources.limits.get(GPU_RESOURCE, "0"))


def _model(container: Container) -> str:
    arguments = [*container.command, *container.args]
    for argument in arguments:
        if argument.startswith("--model="):
            return argument.partition("=")[2]
    for flag, value in pairwise(arguments):
        if flag in ("--model", "serve"):
            return value
    return container.image
