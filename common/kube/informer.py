"""A local, indexed, always current copy of a collection, with change handlers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Generic

from common.api.meta import object_key
from common.api.resource import Resource, T
from common.kube.client import Client
from common.kube.reflector import Reflector, Scope
from common.kube.settings import WatchSettings
from common.kube.store import Indexer, Store

logger = logging.getLogger(__name__)

Handler = Callable[[T | None, T | None], None]


class Informer(Generic[T]):
    """Follows a collection while :meth:`run` runs.

    Reads never block and never touch the server. Objects are shared: they are frozen, and the lists
    returned are the caller's own.
    """

    def __init__(
        self,
        client: Client,
        resource: Resource[T],
        *,
        namespace: str = "",
        field_selector: str = "",
        indexers: Mapping[str, Indexer[T]] | None = None,
        settings: WatchSettings | None = None,
    ) -> None:
        self.resource = resource
        self._client = client
        self._handlers: list[Handler[T]] = []
        self._store: Store[T] = Store(indexers or {}, self._notify)
        scope = Scope(namespace, field_selector)
        self._reflector = Reflector(client, resource, scope, settings or WatchSettings(), self._store)

    def on_change(self, handler: Callable[[T | None, T | None], None]) -> None:
        """Calls ``handler(old, new)`` at every change.

        ``old`` is None for an added object, ``new`` for a deleted one; deletions that were missed in a gap
        are reported when the gap closes, with the last state that was seen. An object that was deleted and
        made anew in a gap is reported as both. What is already there is reported at once. Handlers run in
        the event loop and must be quick; one that raises is logged and counted.
        """
        self._handlers.append(handler)
        for item in self._store.items():
            self._call(handler, None, item)

    async def run(self) -> None:
        """Follows the collection until cancelled; survives every failure of the server."""
        await self._reflector.run()

    async def wait_synced(self) -> None:
        """Waits for the first full picture."""
        await self._reflector.synced.wait()

    @property
    def synced(self) -> bool:
        """Whether the first full picture has arrived."""
        return self._reflector.synced.is_set()

    @property
    def resource_version(self) -> str:
        """The version up to which the copy is complete; empty before the first picture."""
        return self._reflector.resource_version

    @property
    def seconds_since_activity(self) -> float:
        """Seconds since the server last sent anything; a quiet collection has a bookmark each minute."""
        return self._reflector.seconds_since_activity

    def __len__(self) -> int:
        return len(self._store)

    def get(self, name: str, namespace: str = "") -> T | None:
        """Returns an object, or None."""
        return self._store.get(object_key(name, namespace))

    def items(self) -> list[T]:
        """Returns all objects."""
        return self._store.items()

    def by_index(self, index: str, value: str) -> list[T]:
        """Returns the objects that the indexer of that name filed under a value."""
        return self._store.by_index(index, value)

    def _notify(self, old: T | None, new: T | None) -> None:
        for handler in self._handlers:
            self._call(handler, old, new)

    def _call(self, handler: Handler[T], old: T | None, new: T | None) -> None:
        try:
            handler(old, new)
        except Exception:
            self._client.stats.handler_errors[self.resource.plural] += 1
            item = new or old
            logger.exception(
                "a change handler failed",
                extra={"kind": self.resource.kind, "object": item.key if item else ""},
            )
