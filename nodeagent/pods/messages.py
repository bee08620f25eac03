"""Messages of the kubelet's PodResources API, version v1: the fields that say who holds which device. Pure.

Field numbers are those of ``k8s.io/kubelet/pkg/apis/podresources/v1/api.proto``:

    ListPodResourcesResponse     pod_resources = 1 (repeated PodResources)
    PodResources                 name = 1, namespace = 2, containers = 3 (repeated ContainerResources)
    ContainerResources           name = 1, devices = 2 (repeated ContainerDevices),
                                 dynamic_resources = 5 (repeated DynamicResource)
    ContainerDevices             resource_name = 1, device_ids = 2 (repeated text)
    DynamicResource              claim_resources = 4 (repeated ClaimResource)
    ClaimResource                cdi_devices = 1 (repeated CDIDevice), driver_name = 2, device_name = 4
    CDIDevice                    name = 1
    AllocatableResourcesResponse devices = 1 (repeated ContainerDevices)

CPUs, memory and topology are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nodeagent.pods.protobuf import chunks, text, texts

SERVICE = "v1.PodResourcesLister"
LIST = f"/{SERVICE}/List"
ALLOCATABLE = f"/{SERVICE}/GetAllocatableResources"


_CDI_NAME = re.compile(
    r"k8s\.(?P<driver>[^/]+)/"
    r"(?:device=|claim=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-)"
    r"(?P<device>.+)"
)
"""How drivers name devices to the container runtime; older kubelets say nothing else of a claim."""


@dataclass(frozen=True)
class Allocation:
    """Devices of one resource that a container holds, by the ids that the device plugin gave them.

    Of a resource claim, ``resource`` is the driver that allocated it.
    """

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
        for claim in chunks(container, 5):
            for resource in chunks(claim, 4):
                yield from (
                    Allocation(namespace, name, container_name, driver, (device,))
                    for driver, device in _claimed(resource)
                )


def _claimed(resource: bytes) -> set[tuple[str, str]]:
    """Returns driver and device of a claim's resource; a device has several names for the runtime."""
    driver, device = text(resource, 2), text(resource, 4)
    if driver or device:
        return {(driver, device)}
    named = (_CDI_NAME.fullmatch(text(one, 1)) for one in chunks(resource, 1))
    return {(found["driver"], found["device"]) for found in named if found is not None}
