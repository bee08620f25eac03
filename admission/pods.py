"""A pod as the API server sends it: safe access to parts that may be missing, null or malformed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.api.quantity import parse_quantity

Pod = Mapping[str, Any]
"""A pod in wire form."""

Container = Mapping[str, Any]
"""A container in wire form."""


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Returns the value if it is an object, else an empty one."""
    # JSON decodes into dict and list alone; testing for Mapping would take a third of a request's time.
    return value if isinstance(value, dict) else {}


def metadata(pod: Pod) -> Mapping[str, Any]:
    """Returns the pod's metadata."""
    return as_mapping(pod.get("metadata"))


def labels_of(pod: Pod) -> Mapping[str, str]:
    """Returns the pod's labels."""
    return as_mapping(metadata(pod).get("labels"))


def annotations_of(pod: Pod) -> Mapping[str, str]:
    """Returns the pod's annotations."""
    return as_mapping(metadata(pod).get("annotations"))


def spec_of(pod: Pod) -> Mapping[str, Any]:
    """Returns the pod's spec."""
    return as_mapping(pod.get("spec"))


def controller_of(pod: Pod) -> Mapping[str, Any]:
    """Returns the reference to the owner that controls the pod; an empty one where nobody does."""
    owners = objects(metadata(pod).get("ownerReferences"))
    return next((owner for owner in owners if owner.get("controller") is True), {})


def containers(pod: Pod) -> list[Container]:
    """Returns the pod's containers, in order; never the init containers."""
    return objects(spec_of(pod).get("containers"))


def sidecars(pod: Pod) -> list[Container]:
    """Returns the init containers that run as long as the pod does."""
    init = objects(spec_of(pod).get("initContainers"))
    return [container for container in init if container.get("restartPolicy") == "Always"]


def all_containers(pod: Pod) -> list[Container]:
    """Returns every container of the pod, init containers last."""
    return containers(pod) + objects(spec_of(pod).get("initContainers"))


def resources(container: Container, kind: str) -> Mapping[str, Any]:
    """Returns ``requests`` or ``limits`` of a container."""
    found = container.get("resources")
    part = found.get(kind) if isinstance(found, dict) else None
    return part if isinstance(part, dict) else {}


def requested(container: Container, resource: str) -> float:
    """Returns how much of a resource a container asks for; limits count where requests say nothing."""
    for kind in ("requests", "limits"):
        amount = resources(container, kind).get(resource)
        if amount is not None:
            return max(0.0, parse_quantity(amount) or 0.0)
    return 0.0


def name_of(container: Container) -> str:
    """Returns the container's name."""
    return str(container.get("name", ""))


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Returns the items of a list, those that are no objects as empty ones; nothing for what is no list."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []
