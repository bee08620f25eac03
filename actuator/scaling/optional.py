"""An informer of a kind that may not be there: it follows the kind while the API server serves it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Generic

from common.api.resource import Resource, T
from common.kube.api_resources import LIFETIME_SECONDS, ApiResources
from common.kube.client import Client
from common.kube.errors import KubeError
from common.kube.informer import Informer
from common.kube.store import Indexer

log = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0
"""After a question that was not answered, when nothing is known yet."""


class OptionalInformer(Generic[T]):
    """Reads like an informer; holds nothing while the kind is not served."""

    def __init__(
        self,
        client: Client,
        kinds: ApiResources,
        resource: Resource[T],
        indexers: Mapping[str, Indexer[T]],
        wake: Callable[[], None],
    ) -> None:
        self.resource = resource
        self._client = client
        self._kinds = kinds
        self._indexers = indexers
        self._wake = wake
        self._informer: Informer[T] | None = None
        self._asked = False

    @property
    def synced(self) -> bool:
        """Whether all objects are known, or that there can be none."""
        return self._asked and (self._informer is None or self._informer.synced)

    @property
    def served(self) -> bool:
        """Whether the kind is there."""
        return self._informer is not None

    def get(self, key: str) -> T | None:
        """Returns the object of a key."""
        return self._informer.get(key) if self._informer else None

    def by_index(self, index: str, value: str) -> list[T]:
        """Returns the objects that an indexer filed under a value."""
        return self._informer.by_index(index, value) if self._informer else []

    async def run(self) -> None:
        """Looks once a minute whether the kind is there, and follows it while it is.

        What ends the following ends this, too: a copy that is not kept up must not pass for one that is.
        """
        while True:
            if not await self._served():
                await asyncio.sleep(LIFETIME_SECONDS if self._asked else _RETRY_SECONDS)
                continue
            self._informer = Informer(self._client, self.resource, indexers=self._indexers)
            self._informer.on_change(lambda _old, _new: self._wake())
            self._asked = True
            following = asyncio.create_task(self._informer.run())
            try:
                while await self._served():
                    await asyncio.wait([following], timeout=LIFETIME_SECONDS)
                    if following.done():
                        following.result()
            finally:
                self._informer = None
                following.cancel()
                await asyncio.wait([following])

    async def _served(self) -> bool:
        """Whether the kind is served; as before where the server does not answer."""
        try:
            found = await self._kinds.find(self.resource.api_version, self.resource.kind)
        except KubeError as error:
            log.warning("discovery failed", extra={"kind": self.resource.kind, "error": str(error)})
            return self._informer is not None
        self._asked = self._asked or found is None
        return found is not None
