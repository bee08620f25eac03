"""From the ids of devices in the kubelet's answer to the boards that limits belong to. Pure.

What hands out devices, and how it calls them:

- NVIDIA's device plugin (github.com/NVIDIA/k8s-device-plugin; ``nvidia.com/gpu``, ``nvidia.com/gpu.shared``,
  ``nvidia.com/mig-*``): a board's UUID; ``UUID::N`` for the replica N of a board or instance that pods share;
  the UUID of a MIG instance, which only the driver can lead back to its board; before driver 470
  ``MIG-GPU-<board>/<gi>/<ci>``, which names it.
- GKE's device plugin (github.com/GoogleCloudPlatform/container-engine-accelerators; ``nvidia.com/gpu``):
  ``nvidiaN`` after the board's file in /dev, so N is its minor number; ``nvidiaN/giM`` for an instance, and
  ``/vgpuK`` behind either for a share in it.
- NVIDIA's driver for Dynamic Resource Allocation (github.com/NVIDIA/k8s-dra-driver-gpu; ``gpu.nvidia.com``):
  ``gpu-N`` by minor number, ``gpu-N-mig-...`` for an instance, and ``gpu-vfio-N`` for a board that was given
  to a virtual machine.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

_REPLICA_MARK = "::"
_RESOURCE_PREFIX = "nvidia.com/"
_CLAIM_DRIVER = "gpu.nvidia.com"
_INSTANCE_PREFIX = "MIG-"
_BY_MINOR_NUMBER = re.compile(r"(?:nvidia(\d+)(?:/gi\d+)?(?:/vgpu\d+)?|gpu-(\d+)(?:-mig-.+)?)")
_PASSED_THROUGH = re.compile(r"gpu-vfio-\d+")


@dataclass(frozen=True)
class BoardNames:
    """What the boards of a node are known by.

    Attributes:
        boards: UUIDs of the boards.
        instances: Board by UUID of a MIG instance.
        minors: Board by minor number, the N of /dev/nvidiaN; not the index, which goes by the PCI bus.
    """

    boards: Container[str]
    instances: Mapping[str, str] = field(default_factory=dict)
    minors: Mapping[int, str] = field(default_factory=dict)


def board_of(device_id: str, names: BoardNames) -> str:
    """Returns the board that a device id means; empty where it is none of this node's.

    Args:
        device_id: As it stands in the kubelet's answer.
        names: What the boards are known by.
    """
    number = minor_number(device_id)
    if number is not None:
        return names.minors.get(number, "")
    name = device_id.partition(_REPLICA_MARK)[0]
    if name in names.boards:
        return name
    if name in names.instances:
        return names.instances[name]
    named = name.removeprefix(_INSTANCE_PREFIX).partition("/")[0]
    return named if named in names.boards else ""


def minor_number(device_id: str) -> int | None:
    """Returns the minor number that a device id goes by; None where it goes by something else."""
    found = _BY_MINOR_NUMBER.fullmatch(device_id)
    return None if found is None else int(found[1] or found[2])


def is_instance(device_id: str) -> bool:
    """Whether a device id is that of a MIG instance."""
    return device_id.startswith(_INSTANCE_PREFIX)


def is_known_to_the_driver(device_id: str) -> bool:
    """Whether the driver can say which board a device id means, where nobody else can."""
    return is_instance(device_id) or minor_number(device_id) is not None


def is_gpu_resource(resource: str) -> bool:
    """Whether a resource's devices should be boards of this node, or parts of them.

    Args:
        resource: A resource of a device plugin, or the driver of a resource claim.
    """
    return resource.startswith(_RESOURCE_PREFIX) or resource == _CLAIM_DRIVER


def why_strange(device_id: str) -> str:
    """Returns why no board can be named for a device id that ``board_of`` does not know."""
    if _PASSED_THROUGH.fullmatch(device_id):
        return "is passed through to a virtual machine: the host's driver does not see it"
    if minor_number(device_id) is not None:
        return f"names a GPU by minor number {minor_number(device_id)}, which the driver gives to none"
    if is_instance(device_id):
        return "is a MIG instance that the driver shows on no GPU"
    return "is no UUID of a GPU that this agent holds"
