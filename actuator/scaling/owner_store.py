"""Owners of counts on the API server: read one, and write to it what was decided on that version of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from actuator.scaling.fields import Value, merge_patch
from actuator.scaling.handles.handle import Handle
from actuator.scaling.handles.scale import SCALE, scale_handle
from actuator.scaling.memory import Note, read_note, write_note
from common.api.autoscaling import Scale
from common.api.core import ObjectReference
from common.api.meta import ObjectMeta, to_builtins
from common.api.names import ANNOTATION_CEILING
from common.api.resource import Resource
from common.kube.api_resources import ApiResources
from common.kube.client import Client
from common.kube.codec import decode_object
from common.kube.errors import PermanentError


class ReplacedError(PermanentError):
    """An object of that name is there, but it is another one than was decided on."""


@dataclass(frozen=True)
class Owner:
    """An owner as it was read."""

    handle: Handle
    metadata: ObjectMeta
    body: Mapping[str, Any]

    def note(self) -> Note:
        """Returns what the object bears.

        Raises:
            UnreadableNoteError: It bears something else than what we write.
        """
        note = read_note(self.metadata.annotations.get(ANNOTATION_CEILING), self.title)
        return replace(note, of="")

    @property
    def title(self) -> str:
        """``Kind/name``."""
        return f"{self.handle.resource.kind}/{self.metadata.name}"


class OwnerStore:
    """Counts the requests that it makes."""

    def __init__(self, client: Client, kinds: ApiResources) -> None:
        self._client = client
        self._kinds = kinds
        self.requests = 0

    async def discover(self, reference: ObjectReference) -> Handle | None:
        """Returns the handle of a kind without one of its own; None where it cannot be scaled.

        Raises:
            KubeError: The server could not be asked.
        """
        served = await self._kinds.find(reference.api_version, reference.kind)
        if served is None or not served.scalable:
            return None
        group, _, version = reference.api_version.rpartition("/")
        resource: Resource[Scale] = Resource(
            kind=reference.kind,
            plural=served.plural,
            type=Scale,
            group=group,
            version=version,
            namespaced=served.namespaced,
        )
        return scale_handle(resource)

    async def read(self, handle: Handle, reference: ObjectReference) -> Owner:
        """Reads an owner, consistently.

        Raises:
            ReplacedError: The reference bears the uid of another object.
            KubeError: It could not be read.
        """
        self.requests += 1
        path = handle.resource.path(reference.namespace, reference.name, subresource_of(handle))
        item = decode_object(handle.resource, await self._client.request("GET", path))
        if reference.uid and reference.uid != item.metadata.uid:
            raise ReplacedError(f"{reference.kind} {item.key} was deleted and made anew")
        return Owner(handle, item.metadata, to_builtins(item))

    async def write(self, owner: Owner, values: Mapping[str, Value], note: Note | None = None) -> None:
        """Writes fields, and the note with them unless it is None, on condition of uid and version.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        self.requests += 1
        patch = merge_patch(values)
        metadata = patch.setdefault("metadata", {})
        metadata |= {"uid": owner.metadata.uid, "resourceVersion": owner.metadata.resource_version}
        if note is not None:
            metadata.setdefault("annotations", {})[ANNOTATION_CEILING] = write_note(note, owner.title)
        await self._client.patch(
            owner.handle.resource,
            owner.metadata.name,
            patch,
            owner.metadata.namespace,
            subresource=subresource_of(owner.handle),
        )


def subresource_of(handle: Handle) -> str:
    """Returns where a handle's fields live: ``scale`` for a kind without a handle of its own."""
    return SCALE if handle.resource.type is Scale else ""
