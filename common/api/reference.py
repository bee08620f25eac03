"""How Events and alerts name the object that they are about."""

from __future__ import annotations

from typing import TypeVar

from common.api.core import ObjectReference
from common.api.meta import KubeObject
from common.api.resource import Resource

T = TypeVar("T", bound=KubeObject)


def reference(resource: Resource[T], item: T) -> ObjectReference:
    """Returns the reference to an object."""
    return ObjectReference(
        api_version=resource.api_version,
        kind=resource.kind,
        name=item.metadata.name,
        namespace=item.metadata.namespace,
        uid=item.metadata.uid,
    )
