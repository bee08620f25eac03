"""Node objects for simulated nodes, and the part of a kubelet that keeps their status right."""

from __future__ import annotations

import re
from typing import Any

from common.api.core import Node
from common.twin.node import SimulatedNode
from deploy.local.machine_room.podview import GPU_RESOURCE

RACK_LABEL = "climatik.io/rack"
_CORES_PER_PACKAGE = 56
_MEMORY_GIB_PER_GPU = 256
_MEMORY_GIB_BASE = 128
_MOST_PODS = 110


def node_object(node: SimulatedNode, rack: str) -> dict[str, Any]:
    """Returns the Node to apply: labels as the GPU operator and people set them, and KWOK's mark."""
    labels = {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        RACK_LABEL: rack,
    }
    if node.gpus:
        labels["nvidia.com/gpu.product"] = re.sub(r"[^A-Za-z0-9.]+", "-", node.model.gpu_model.name)
        labels["nvidia.com/gpu.count"] = str(len(node.gpus))
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "labels": labels,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
    }


def own_capacity(node: SimulatedNode) -> dict[str, str]:
    """Returns what a kubelet reports of the machine itself."""
    capacity = {
        "cpu": str(_CORES_PER_PACKAGE * len(node.packages)),
        "memory": f"{_MEMORY_GIB_BASE + _MEMORY_GIB_PER_GPU * len(node.gpus)}Gi",
        "pods": str(_MOST_PODS),
    }
    if node.gpus:
        capacity[GPU_RESOURCE] = str(len(node.gpus))
    return capacity


def status_patch(live: Node, node: SimulatedNode) -> dict[str, Any] | None:
    """Returns the merge patch that puts a Node's status right, or None where it is.

    The machine's own capacity and boot id are set; allocatable is made anew from capacity for every resource,
    others' extended resources (``climatik.io/watts``) among them, as a kubelet does within seconds.
    """
    capacity = {**live.status.capacity, **own_capacity(node)}
    patch: dict[str, Any] = {}
    if capacity != live.status.capacity:
        patch["capacity"] = own_capacity(node)
    if capacity != live.status.allocatable:
        gone: dict[str, str | None] = dict.fromkeys(live.status.allocatable.keys() - capacity.keys())
        patch["allocatable"] = {**gone, **capacity}
    if live.status.node_info.boot_id != node.boot_id:
        patch["nodeInfo"] = _node_info(node)
    return {"status": patch} if patch else None


def _node_info(node: SimulatedNode) -> dict[str, str]:
    machine = node.gpus[0].uuid.removeprefix("GPU-") if node.gpus else node.name
    return {
        "machineID": machine.replace("-", ""),
        "systemUUID": machine,
        "bootID": node.boot_id,
        "kernelVersion": "6.8.0-simulated",
        "osImage": "Simulated GPU node",
        "containerRuntimeVersion": "kwok://simulated",
        "kubeletVersion": "kwok-simulated",
        "kubeProxyVersion": "kwok-simulated",
        "operatingSystem": "linux",
        "architecture": "amd64",
    }
