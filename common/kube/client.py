"""The API client: typed calls, each with a deadline, transient failures retried within it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from common.api.meta import KubeObject
from common.api.resource import Resource, T
from common.clock import Clock, SystemClock
from common.http.closing import Closing
from common.kube.backoff import Backoff
from common.kube.codec import ObjectList, decode_object, encode_object
from common.kube.config import ClusterConfig
from common.kube.errors import DeadlineExceeded, RetryableError
from common.kube.listing import list_all
from common.kube.retry import worth_retrying
from common.kube.settings import ClientSettings
from common.kube.stats import ClientStats
from common.kube.transport import JSON, Request, Transport

PatchKind = Literal["merge", "json", "strategic"]

_PATCH_TYPES: dict[str, str] = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}
_APPLY_TYPE = "application/apply-patch+yaml"


class Client(Closing):
    """Talks to one API server as one identity.

    Every call raises an error of :mod:`common.kube.errors`: ``PermanentError`` where trying again is useless,
    ``RetryableError`` where it is not. After ``ConnectionFailed`` or ``DeadlineExceeded`` a write may have
    landed all the same.
    """

    def __init__(
        self,
        config: ClusterConfig,
        *,
        user_agent: str = "climatik",
        clock: Clock | None = None,
        settings: ClientSettings | None = None,
    ) -> None:
        self.config = config
        self.settings = settings or ClientSettings()
        self.clock: Clock = clock or SystemClock()
        self.transport = Transport(config, user_agent, self.settings, self.clock)
        self.watch_list_refused = False

    async def close(self) -> None:
        """Closes every connection."""
        await self.transport.close()

    @property
    def stats(self) -> ClientStats:
        """Counters of what happened so far."""
        return self.transport.stats

    @property
    def server_clock_offset_seconds(self) -> float:
        """Server time minus local wall time, from ``Date`` headers; 0.0 until the first answer."""
        return self.transport.server_time.offset_seconds

    async def get(self, resource: Resource[T], name: str, namespace: str = "") -> T:
        """Reads one object, consistently: what is returned is at least as new as the call."""
        return decode_object(resource, await self.request("GET", resource.path(namespace, name)))

    async def list(
        self,
        resource: Resource[T],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> ObjectList[T]:
        """Reads all objects, consistently and page by page, as of one resource version.

        Args:
            resource: What to list.
            namespace: One namespace, or empty for all.
            label_selector: Selector in the API's own syntax.
            field_selector: Selector in the API's own syntax.
        """
        query = selector_query(label_selector=label_selector, field_selector=field_selector)
        return await list_all(self, resource, namespace, query)

    async def create(
        self,
        resource: Resource[T],
        body: KubeObject | dict[str, Any],
        namespace: str = "",
        *,
        dry_run: bool = False,
    ) -> T:
        """Creates an object; the namespace defaults to the body's own."""
        content = encode_object(resource, body)
        namespace = namespace or content.get("metadata", {}).get("namespace", "")
        query = {"dryRun": "All"} if dry_run else {}
        answer = await self.request("POST", resource.path(namespace), query=query, body=content)
        return decode_object(resource, answer)

    async def replace(
        self, resource: Resource[T], body: KubeObject | dict[str, Any], *, subresource: str = ""
    ) -> T:
        """Puts a whole object; its ``resourceVersion`` must be the present one.

        A slim view would erase what it does not decode: pass a dict for kinds that are not wholly ours.

        Raises:
            Conflict: The object changed since it was read.
        """
        content = encode_object(resource, body)
        path = _path_of(resource, content, subresource)
        return decode_object(resource, await self.request("PUT", path, body=content))

    async def patch(
        self,
        resource: Resource[T],
        name: str,
        patch: Mapping[str, Any] | Sequence[Any],
        namespace: str = "",
        *,
        kind: PatchKind = "merge",
        subresource: str = "",
    ) -> T:
        """Patches an object in one of the three classic ways."""
        path = resource.path(namespace, name, subresource)
        body = msgspec.json.encode(patch)
        answer = await self.request("PATCH", path, body=body, content_type=_PATCH_TYPES[kind])
        return decode_object(resource, answer)

    async def apply(
        self, resource: Resource[T], body: dict[str, Any], *, field_manager: str, subresource: str = ""
    ) -> T:
        """Server-side apply: what ``body`` holds becomes ours; what it held before and lacks now goes away.

        ``metadata.name`` (and ``namespace``) in the body say which object; ``uid`` and ``resourceVersion``
        there make the write conditional on them. A field that somebody else owns becomes ours.

        Raises:
            Conflict: The object is another one or changed.
        """
        content = encode_object(resource, body)
        path = _path_of(resource, content, subresource)
        query = {"fieldManager": field_manager, "force": "true"}
        encoded = msgspec.json.encode(content)
        answer = await self.request("PATCH", path, query=query, body=encoded, content_type=_APPLY_TYPE)
        return decode_object(resource, answer)

    async def delete(
        self,
        resource: Resource[T],
        name: str,
        namespace: str = "",
        *,
        uid: str = "",
        grace_period_seconds: int | None = None,
    ) -> None:
        """Deletes an object, on condition of its uid where that is given."""
        body: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if uid:
            body["preconditions"] = {"uid": uid}
        if grace_period_seconds is not None:
            body["gracePeriodSeconds"] = grace_period_seconds
        await self.request("DELETE", resource.path(namespace, name), body=body)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | dict[str, Any] | None = None,
        content_type: str = JSON,
        deadline_seconds: float | None = None,
    ) -> bytes:
        """Makes any call and returns the bytes of the answer (evictions, tokens, ``/version``).

        Args:
            method: HTTP verb.
            path: Path on the API server, starting with a slash.
            query: Query parameters, not yet quoted.
            body: JSON as a dict, or bytes of ``content_type``.
            content_type: Media type of the body.
            deadline_seconds: Bound on the call with all its retries; the client's setting where None.
        """
        encoded = msgspec.json.encode(body) if isinstance(body, dict) else body
        request = Request(method, path, query or {}, encoded, content_type)
        return await self._send(request, deadline_seconds or self.settings.deadline_seconds)

    async def _send(self, request: Request, deadline_seconds: float) -> bytes:
        try:
            async with asyncio.timeout(deadline_seconds) as timeout:
                return await self._try_repeatedly(request, timeout.when() or 0.0)
        except TimeoutError as error:
            raise DeadlineExceeded(f"{request}: no answer within {deadline_seconds:g} s") from error

    async def _try_repeatedly(self, request: Request, ends: float) -> bytes:
        backoff = Backoff(first=0.1, maximum=5.0)
        for attempt in range(1, self.settings.attempts + 1):
            try:
                return await self.transport.read(request)
            except RetryableError as error:
                wait = max(backoff.next(), error.retry_after_seconds or 0.0)
                late = asyncio.get_running_loop().time() + wait >= ends
                if attempt == self.settings.attempts or late or not worth_retrying(request.method, error):
                    raise
                self.stats.retries[type(error).__name__] += 1
                await asyncio.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")


def _path_of(resource: Resource[Any], content: dict[str, Any], subresource: str) -> str:
    metadata = content["metadata"]
    return resource.path(metadata.get("namespace", ""), metadata["name"], subresource)


def selector_query(*, label_selector: str = "", field_selector: str = "") -> dict[str, str]:
    """Returns the query parameters of the two selectors, without empty ones."""
    query = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {key: value for key, value in query.items() if value}
