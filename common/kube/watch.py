"""One watch request: a stream of typed events until the server ends it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias

import msgspec

from common.api.meta import KubeObject, ObjectMeta, Struct
from common.api.resource import Resource, T
from common.kube.client import Client
from common.kube.codec import decode_or_skip, object_name
from common.kube.errors import ConnectionFailed, DeadlineExceeded, Status, status_error
from common.kube.lines import LineSplitter
from common.kube.transport import Request, next_chunk

INITIAL_EVENTS_END: Final = "k8s.io/initial-events-end"
"""Annotation of the bookmark that closes the initial events of a WatchList."""

_CHANGES: Final = frozenset({"ADDED", "MODIFIED", "DELETED"})


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """An object as it is now, or as it was when it was deleted."""

    type: str
    object: T

    @property
    def key(self) -> str:
        """The key of the object."""
        return self.object.key


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The stream has reached this version; ``initial_end`` closes the initial events."""

    resource_version: str
    initial_end: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something happened to an object whose content does not decode (counted and logged already)."""

    type: str
    key: str


Event: TypeAlias = Change[T] | Bookmark | Skipped


class _RawEvent(Struct, frozen=True):
    type: str
    object: msgspec.Raw


class _Headed(Struct, frozen=True):
    metadata: ObjectMeta = ObjectMeta()


@functools.cache
def _event_decoder(type_: type[KubeObject]) -> msgspec.json.Decoder[Any]:
    event = msgspec.defstruct(
        f"{type_.__name__}Event", [("type", str), ("object", type_)], bases=(Struct,), frozen=True
    )
    return msgspec.json.Decoder(event)


def decode_event(resource: Resource[T], line: bytes, client: Client) -> Event[T]:
    """Decodes one line of a watch.

    Raises:
        ApiError: The line is an ERROR event.
        ConnectionFailed: The line is no event at all.
    """
    try:
        event = _event_decoder(resource.type).decode(line)
        if event.type in _CHANGES:
            return Change(event.type, event.object)
    except msgspec.ValidationError:
        pass  # a bookmark, an error or a bad object: all rare, told apart below
    except msgspec.DecodeError as error:
        raise ConnectionFailed(f"the watch of {resource.plural} sent no JSON: {error}") from error
    return _decode_rare(resource, line, client)


def _decode_rare(resource: Resource[T], line: bytes, client: Client) -> Event[T]:
    try:
        event = msgspec.json.decode(line, type=_RawEvent)
        if event.type == "BOOKMARK":
            metadata = msgspec.json.decode(event.object, type=_Headed).metadata
            end = metadata.annotations.get(INITIAL_EVENTS_END) == "true"
            return Bookmark(metadata.resource_version, end)
        if event.type == "ERROR":
            raise status_error(msgspec.json.decode(event.object, type=Status))
    except msgspec.DecodeError as error:
        raise ConnectionFailed(f"the watch of {resource.plural} sent no event: {error}") from error
    decode_or_skip(resource, event.object, client.stats.undecodable)
    return Skipped(event.type, object_name(event.object))


@dataclass
class Patience:
    """How long the stream may stay silent, in seconds; it changes once the initial events are complete."""

    seconds: float


async def read_watch(
    client: Client,
    resource: Resource[T],
    request: Request,
    patience: Patience,
    on_event: Callable[[Event[T]], None],
) -> None:
    """Hands every event to ``on_event`` until the server ends the stream.

    Raises:
        ApiError: The server refused the watch or ended it with an error.
        DeadlineExceeded: The stream was silent for longer than ``patience``.
        ConnectionFailed: It broke off, also in the middle of a line.
    """
    splitter = LineSplitter(client.settings.max_line_bytes)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(patience.seconds) as limit, client.transport.open(request) as response:
            while chunk := await next_chunk(response, request):
                for line in splitter.feed(chunk):
                    on_event(decode_event(resource, line, client))
                limit.reschedule(loop.time() + patience.seconds)
    except TimeoutError as error:
        raise DeadlineExceeded(f"{request}: the watch was silent for {patience.seconds:g} s") from error
    if splitter.pending_bytes:
        raise ConnectionFailed(f"{request}: the stream broke off in the middle of an event")
