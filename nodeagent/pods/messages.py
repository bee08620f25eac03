"""Messages of the kubelet's PodResources API, version v1: the fields that say who holds which device. Pure.

Field numbers are those of ``k8s.io/kubelet/pkg/apis/podresources/v1/api.proto``:

    ListPodResourcesResponse     pod_resources = 1 (repeated PodResources)
    PodResources                 name = 1, namespace = 2, containers = 3 (repeated ContainerResources)
    ContainerResources           name = 1, devices = 2 (repeated ContainerDevices)
    ContainerDevices             resource_name = 1, device_ids = 2 (repeated text)
    AllocatableResourcesResponse devices = 1 (repeated ContainerDevices)

CPUs, memory, topology and dynamic resources are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodeagent.pods.protobuf import chunks, text, texts

SERVICE = "v1.PodResourcesLister"
LIST = f"/{SERVICE}/List"
ALLOCATABLE = f"/{SERVICE}/GetAllocatableResources"


@dataclass(frozen=True)
class Allocation:
    """Devices of one resource that a container holds, by the ids that the device plugin gave them."""

    namespace: str
    pod: str
    container: str
    resource: str
    device_ids: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """Devices of one resource that the kubelet can hand out."""

    resource: str
    device_ids: tuple[str, ...]


def read_list(message: bytes) -> list[Allocation]:
    """Returns who holds what, from a ``ListPodResourcesResponse``.

    Raises:
        MalformedMessageError: The bytes are no such message.
    """
    return [found for pod in chunks(message, 1) for found in _of_pod(pod)]


def read_allocatable(message: bytes) -> list[Offer]:
    """Returns what can be held, from an ``AllocatableResourcesResponse``.

    Raises:
        MalformedMessageError: The bytes are no such message.
    """
    return [Offer(text(devices, 1), texts(devices, 2)) for devices in chunks(message, 1)]


def _of_pod(pod: bytes) -> Iterator[Allocation]:
    name, namespace = text(pod, 1), text(pod, 2)
    for container in chunks(pod, 3):
        container_name = text(container, 1)
        for devices in chunks(container, 2):
            yield Allocation(namespace, name, container_name, text(devices, 1), texts(devices, 2))
