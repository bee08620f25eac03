"""Keeps a local copy of a collection true to the server: list, watch, recover."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from common.api.meta import KubeObject
from common.api.resource import Resource, T
from common.kube.backoff import Backoff
from common.kube.client import Client, selector_query
from common.kube.errors import ApiError, DeadlineExceeded, Gone, Invalid, KubeError, ServerError
from common.kube.settings import WatchSettings
from common.kube.sharing import Sharing
from common.kube.transport import Request
from common.kube.watch import Bookmark, Change, Event, Patience, Skipped, read_watch

logger = logging.getLogger(__name__)

T_contra = TypeVar("T_contra", bound=KubeObject, contravariant=True)


class Sink(Protocol[T_contra]):
    """What takes in the changes."""

    def replace(self, objects: Iterable[T_contra], kept: Collection[str] = ()) -> None:
        """Takes a full picture; ``kept`` are keys that exist but did not decode."""

    def put(self, new: T_contra) -> None:
        """Takes one added or changed object."""

    def remove(self, key: str, last: T_contra | None = None) -> None:
        """Takes one deletion."""


@dataclass(frozen=True)
class Scope:
    """Which part of a collection is followed."""

    namespace: str = ""
    field_selector: str = ""


class _NoInitialEventsError(KubeError):
    """The server ignores ``sendInitialEvents``."""


class Reflector(Generic[T]):
    """Follows one collection for ever.

    The first picture comes by WatchList (one stream, no second copy of the whole list in memory), or page by
    page from a server that refuses it. Both are consistent reads. Later the watch goes on from the last
    version seen, and a full read is made again only where the server has forgotten that version.
    """

    def __init__(
        self, client: Client, resource: Resource[T], scope: Scope, settings: WatchSettings, sink: Sink[T]
    ) -> None:
        self._client = client
        self._resource = resource
        self._scope = scope
        self._settings = settings
        self._sink = sink
        self._rng = random.Random()  # noqa: S311 - spreads load, guards nothing
        self._backoff = Backoff(
            first=settings.first_backoff_seconds, maximum=settings.max_backoff_seconds, rng=self._rng
        )
        self._share: Callable[[T], T] = Sharing(resource.type).share if settings.share_parts else _as_it_is
        self._initial: dict[str, T] | None = None
        self._initial_skipped: set[str] = set()
        self._list_next = False
        self._patience = Patience(0.0)
        self._last_activity = client.clock.monotonic()
        self.resource_version = ""
        self.synced = asyncio.Event()

    @property
    def seconds_since_activity(self) -> float:
        """Seconds since the server last said anything."""
        return self._client.clock.monotonic() - self._last_activity

    async def run(self) -> None:
        """Follows until cancelled; every failure is counted, logged and followed by a pause."""
        while True:
            started = self._client.clock.monotonic()
            error: KubeError | None = None
            try:
                await self._follow()
            except KubeError as caught:
                error = caught
                self._note(caught)
            self._client.stats.watches[self._resource.plural, _reason(error)] += 1
            await asyncio.sleep(self._pause(error, self._client.clock.monotonic() - started))

    def _note(self, error: KubeError) -> None:
        if _version_unusable(error):
            self.resource_version = ""
        logger.info(
            "watch lost", extra={"kind": self._resource.kind, "reason": _reason(error), "error": str(error)}
        )

    def _pause(self, error: KubeError | None, lived: float) -> float:
        """Returns seconds to wait: none after a long life that the server ended in order."""
        if lived >= self._settings.healthy_seconds:
            self._backoff.reset()
            if error is None:
                return 0.0
        wished = getattr(error, "retry_after_seconds", None)
        return max(self._backoff.next(), wished or 0.0)

    async def _follow(self) -> None:
        if not self.resource_version and self.synced.is_set():
            self._client.stats.relists[self._resource.plural] += 1
        if not self.resource_version and not self._may_watch_list():
            await self._list()
        try:
            await self._watch()
        except _NoInitialEventsError as refusal:
            self._client.watch_list_refused = True
            logger.info("the server has no WatchList: lists instead", extra={"error": str(refusal)})
            await self._list()
            await self._watch()

    def _may_watch_list(self) -> bool:
        allowed = not self._client.watch_list_refused and not self._list_next
        self._list_next = False
        return allowed

    async def _list(self) -> None:
        scope = self._scope
        result = await self._client.list(self._resource, scope.namespace, field_selector=scope.field_selector)
        self._sink.replace(map(self._share, result.items), result.skipped)
        self._reached(result.resource_version)
        self.synced.set()

    async def _watch(self) -> None:
        initial = not self.resource_version
        self._initial = {} if initial else None
        self._initial_skipped = set()
        settings = self._settings
        self._patience.seconds = settings.initial_silence_seconds if initial else settings.silence_seconds
        request = Request("GET", self._resource.path(self._scope.namespace), self._watch_query(initial))
        try:
            await read_watch(self._client, self._resource, request, self._patience, self._take)
        except DeadlineExceeded:
            self._list_next = self._initial is not None
            raise
        except ApiError as error:
            if initial and _refuses_watch_list(error):
                raise _NoInitialEventsError(str(error)) from error
            raise
        finally:
            self._initial = None

    def _watch_query(self, initial: bool) -> dict[str, str]:
        shortest, longest = self._settings.min_timeout_seconds, self._settings.max_timeout_seconds
        query = selector_query(field_selector=self._scope.field_selector)
        query |= {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(round(self._rng.uniform(shortest, longest))),
        }
        if initial:
            return query | {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        return query | {"resourceVersion": self.resource_version}

    def _take(self, event: Event[T]) -> None:
        self._last_activity = self._client.clock.monotonic()
        if isinstance(event, Bookmark):
            self._take_bookmark(event)
        elif self._initial is not None:
            self._take_initial(self._initial, event)
        elif isinstance(event, Skipped):
            if event.type == "DELETED":
                self._sink.remove(event.key)
        else:
            if event.type == "DELETED":
                self._sink.remove(event.key, event.object)
            else:
                self._sink.put(self._share(event.object))
            self.resource_version = event.object.metadata.resource_version

    def _take_initial(self, initial: dict[str, T], event: Change[T] | Skipped) -> None:
        """Collects initial events; changes may already be among them."""
        if event.type == "DELETED":
            initial.pop(event.key, None)
            self._initial_skipped.discard(event.key)
        elif isinstance(event, Skipped):
            self._initial_skipped.add(event.key)
        else:
            initial[event.key] = self._share(event.object)

    def _take_bookmark(self, bookmark: Bookmark) -> None:
        if self._initial is not None:
            if not bookmark.initial_end:
                raise _NoInitialEventsError("a bookmark came that does not end the initial events")
            objects, self._initial = self._initial, None
            self._patience.seconds = self._settings.silence_seconds
            self._sink.replace(objects.values(), self._initial_skipped)
            self.synced.set()
        self._reached(bookmark.resource_version)

    def _reached(self, resource_version: str) -> None:
        self._last_activity = self._client.clock.monotonic()
        self.resource_version = resource_version


def _as_it_is(item: T) -> T:
    return item


def _refuses_watch_list(error: ApiError) -> bool:
    return isinstance(error, Invalid) or "sendInitialEvents" in error.status.message


def _version_unusable(error: KubeError) -> bool:
    """Whether the server no longer knows our version, or (restored from a backup) does not know it yet."""
    if isinstance(error, Gone):
        return True
    return isinstance(error, ServerError) and any(
        cause.reason == "ResourceVersionTooLarge" for cause in error.status.causes
    )


def _reason(error: KubeError | None) -> str:
    return type(error).__name__ if error else "Ended"
