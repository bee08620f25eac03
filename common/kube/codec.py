"""JSON on the wire to structs and back; one decoder per type."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Generic

import msgspec

from common.api.meta import KubeObject, Struct, to_builtins
from common.api.resource import Resource, T
from common.kube.errors import ConnectionFailed

logger = logging.getLogger(__name__)


class ListMeta(Struct, frozen=True):
    """Metadata of a list: its version, and where the next page starts."""

    resource_version: str = ""
    continue_token: str = msgspec.field(default="", name="continue")


@dataclass(frozen=True)
class ObjectList(Generic[T]):
    """Objects of one kind as they were at one resource version."""

    items: list[T]
    resource_version: str
    skipped: list[str] = field(default_factory=list)
    """Keys of objects that exist but did not decode."""


class _RawPage(Struct, frozen=True):
    items: list[msgspec.Raw] | None = None
    metadata: ListMeta = ListMeta()


class _Name(Struct, frozen=True):
    name: str = ""
    namespace: str = ""


class _Named(Struct, frozen=True):
    """As little as a log line needs, so that it decodes where the object does not."""

    metadata: _Name = _Name()


@functools.cache
def decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    """Returns the decoder of a type, the same one each time."""
    return msgspec.json.Decoder(type_)


@functools.cache
def _page_decoder(type_: type[KubeObject]) -> msgspec.json.Decoder[Any]:
    page = msgspec.defstruct(
        f"{type_.__name__}Page",
        [("items", list[type_] | None, None), ("metadata", ListMeta, ListMeta())],  # type: ignore[valid-type]
        bases=(Struct,),
        frozen=True,
    )
    return msgspec.json.Decoder(page)


def decode_object(resource: Resource[T], data: bytes | msgspec.Raw) -> T:
    """Decodes one object.

    Raises:
        ConnectionFailed: The bytes are not such an object; the message says where it fails.
    """
    try:
        decoded: T = decoder(resource.type).decode(data)
    except msgspec.DecodeError as error:
        raise ConnectionFailed(f"{resource.kind} {object_name(data)} does not decode: {error}") from error
    return decoded


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list."""

    items: list[T]
    metadata: ListMeta
    skipped: list[str] = field(default_factory=list)


def decode_page(resource: Resource[T], data: bytes, undecodable: Counter[str]) -> Page[T]:
    """Decodes one page of a list; an object that does not decode is counted, logged and left out."""
    try:
        page = _page_decoder(resource.type).decode(data)
        return Page(page.items or [], page.metadata)
    except msgspec.ValidationError:
        return _decode_one_by_one(resource, data, undecodable)
    except msgspec.DecodeError as error:
        raise ConnectionFailed(f"the list of {resource.plural} is not JSON: {error}") from error


def _decode_one_by_one(resource: Resource[T], data: bytes, undecodable: Counter[str]) -> Page[T]:
    try:
        page = msgspec.json.decode(data, type=_RawPage)
    except msgspec.DecodeError as error:
        raise ConnectionFailed(f"the list of {resource.plural} has no items: {error}") from error
    items: list[T] = []
    skipped: list[str] = []
    for raw in page.items or []:
        item = decode_or_skip(resource, raw, undecodable)
        if item is None:
            skipped.append(object_name(raw))
        else:
            items.append(item)
    return Page(items, page.metadata, skipped)


def decode_or_skip(resource: Resource[T], raw: msgspec.Raw, undecodable: Counter[str]) -> T | None:
    """Decodes one object of many; None, a count and a log line where it does not decode."""
    try:
        decoded: T = decoder(resource.type).decode(raw)
    except msgspec.DecodeError as error:
        undecodable[resource.plural] += 1
        logger.error(
            "object skipped: it does not decode",
            extra={"kind": resource.kind, "object": object_name(raw), "error": str(error)},
        )
        return None
    return decoded


def object_name(data: bytes | msgspec.Raw) -> str:
    """Returns the key of an object of any kind, or "(unnamed)" where even its metadata does not decode."""
    try:
        metadata = msgspec.json.decode(data, type=_Named).metadata
    except msgspec.DecodeError:
        return "(unnamed)"
    return f"{metadata.namespace}/{metadata.name}".strip("/") or "(unnamed)"


def encode_object(resource: Resource[Any], body: KubeObject | dict[str, Any]) -> dict[str, Any]:
    """Returns the wire form of an object with ``apiVersion`` and ``kind``, which structs do not carry."""
    content = dict(body) if isinstance(body, dict) else to_builtins(body)
    return {"apiVersion": resource.api_version, "kind": resource.kind, **content}
