"""Paginated lists."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from common.api.resource import Resource, T
from common.kube.codec import ObjectList, decode_page
from common.kube.errors import DeadlineExceeded, Gone
from common.kube.settings import ClientSettings
from common.kube.stats import ClientStats


class Reader(Protocol):
    """What a list needs of a client."""

    settings: ClientSettings

    @property
    def stats(self) -> ClientStats:
        """Counters."""
        ...

    async def request(self, method: str, path: str, *, query: Mapping[str, str] | None = None) -> bytes:
        """Makes a call."""
        ...


async def list_all(
    reader: Reader, resource: Resource[T], namespace: str, query: Mapping[str, str]
) -> ObjectList[T]:
    """Reads every page.

    A continue token that expired on the way (the server compacts history after some minutes) starts the list
    again in one piece, once.
    """
    seconds = reader.settings.list_deadline_seconds
    try:
        async with asyncio.timeout(seconds):
            try:
                return await _read_pages(reader, resource, namespace, query, reader.settings.page_size)
            except Gone:
                return await _read_pages(reader, resource, namespace, query, 0)
    except TimeoutError as error:
        raise DeadlineExceeded(f"the list of {resource.plural} took over {seconds:g} s") from error


async def _read_pages(
    reader: Reader, resource: Resource[T], namespace: str, query: Mapping[str, str], page_size: int
) -> ObjectList[T]:
    items: list[T] = []
    skipped: list[str] = []
    page_query: dict[str, Any] = {**query, **({"limit": str(page_size)} if page_size else {})}
    while True:
        data = await reader.request("GET", resource.path(namespace), query=page_query)
        page = decode_page(resource, data, reader.stats.undecodable)
        items += page.items
        skipped += page.skipped
        if not page.metadata.continue_token:
            return ObjectList(items, page.metadata.resource_version, skipped)
        page_query["continue"] = page.metadata.continue_token
