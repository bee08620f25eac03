"""From the device ids of a device plugin to the boards that limits belong to. Pure.

What the NVIDIA device plugin hands out (github.com/NVIDIA/k8s-device-plugin, ``nvidia.com/gpu``,
``nvidia.com/gpu.shared``, ``nvidia.com/mig-*``): a board's UUID; ``UUID::N`` for the replica N of a board or
instance that several pods share; the UUID of a MIG instance, which only the driver can lead back to its
board; before driver 470 ``MIG-GPU-<board>/<gi>/<ci>``, which names it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

_REPLICA_MARK = "::"
_RESOURCE_PREFIX = "nvidia.com/"
_INSTANCE_PREFIX = "MIG-"


def board_of(device_id: str, boards: Container[str], instances: Mapping[str, str]) -> str:
    """Returns the board that a device id means; empty where it is none of this node's.

    Args:
        device_id: As the device plugin registered it.
        boards: UUIDs of the node's boards.
        instances: Board by UUID of a MIG instance.
    """
    name = device_id.partition(_REPLICA_MARK)[0]
    if name in boards:
        return name
    if name in instances:
        return instances[name]
    named = name.removeprefix(_INSTANCE_PREFIX).partition("/")[0]
    return named if named in boards else ""


def is_instance(device_id: str) -> bool:
    """Whether a device id is that of a MIG instance."""
    return device_id.startswith(_INSTANCE_PREFIX)


def is_gpu_resource(resource: str) -> bool:
    """Whether a resource's devices should be boards of this node, or parts of them."""
    return resource.startswith(_RESOURCE_PREFIX)
