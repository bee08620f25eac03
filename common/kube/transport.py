"""One HTTP exchange with the API server: identity, TLS, errors in our types. No retries here."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
import yarl

from common.clock import Clock
from common.http.retry_after import retry_after_seconds
from common.kube.config import ClusterConfig
from common.kube.credentials import Credentials
from common.kube.errors import (
    ApiError,
    ConnectionFailed,
    ConnectionNotMade,
    DeadlineExceeded,
    Unauthorized,
    api_error,
)
from common.kube.servertime import ServerTime
from common.kube.settings import ClientSettings
from common.kube.stats import ClientStats
from common.kube.warnings import log_warning

READ_BUFFER_BYTES = 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """One call: everything but where the server is and who we are."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = JSON

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Transport:
    """Owns the connection pool."""

    def __init__(
        self, config: ClusterConfig, user_agent: str, settings: ClientSettings, clock: Clock
    ) -> None:
        self._config = config
        self._settings = settings
        self._clock = clock
        self._user_agent = user_agent
        self._credentials = Credentials(config, clock)
        self._session: aiohttp.ClientSession | None = None
        self.server_time = ServerTime(clock)
        self.stats = ClientStats()

    async def close(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            # The loop lets go of an aborted TLS connection one turn after the session has; a process that
            # ends before that leaves its socket to the garbage collector, which warns.
            for _ in range(2):
                await asyncio.sleep(0)

    async def read(self, request: Request) -> bytes:
        """Makes one exchange and returns the body of the answer.

        Raises:
            ApiError: The server refused.
            ConnectionFailed: There was no complete answer.
            DeadlineExceeded: A GET stalled.
        """
        idle = self._settings.idle_read_seconds if request.method == "GET" else None
        async with self.open(request, idle_read_seconds=idle) as response:
            with _typed_errors(request):
                return await response.read()

    @contextlib.asynccontextmanager
    async def open(
        self, request: Request, *, idle_read_seconds: float | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Sends a request and gives the answer once its head has arrived and says success.

        A refused token is read anew and tried once more, since it may just have been rotated.
        """
        timeout = aiohttp.ClientTimeout(
            sock_connect=self._settings.connect_seconds, sock_read=idle_read_seconds
        )
        try:
            response = await self._exchange(request, timeout)
        except Unauthorized:
            self._credentials.invalidate()
            response = await self._exchange(request, timeout)
        try:
            yield response
        finally:
            response.release() if response.content.is_eof() else _drop(response)

    async def _exchange(self, request: Request, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        options = await self._options(request)
        sent = self._clock.now()
        with _typed_errors(request):
            response = await self._get_session().request(
                request.method, self._url(request), timeout=timeout, **options
            )
        self.server_time.observe(response.headers.get("Date", ""), sent, self._clock.now())
        self.stats.answered(request.method, response.status)
        for warning in response.headers.getall("Warning", []):
            log_warning(warning)
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise await _refusal(request, response)
        return response

    async def _options(self, request: Request) -> dict[str, Any]:
        headers = {"Accept": JSON, "Accept-Encoding": "gzip" if self._settings.compress else "identity"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if token := await self._credentials.token():
            headers["Authorization"] = f"Bearer {token}"
        options: dict[str, Any] = {"headers": headers, "data": request.body}
        if context := self._credentials.tls():
            options["ssl"] = context
        if self._config.tls.server_name:
            options["server_hostname"] = self._config.tls.server_name
        if self._config.proxy_url:
            options["proxy"] = self._config.proxy_url
        return options

    def _url(self, request: Request) -> yarl.URL:
        return yarl.URL(self._config.server.rstrip("/") + request.path).update_query(request.query)

    def _get_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=self._settings.keepalive_seconds),
                headers={"User-Agent": self._user_agent},
                read_bufsize=READ_BUFFER_BYTES,
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
            )
        return self._session


def _drop(response: aiohttp.ClientResponse) -> None:
    """Ends an answer that is not read to its end, as a watch is: at once, without TLS's farewell.

    Waiting for the server's part of it outlives a process that stops, and its socket would be left to the
    garbage collector.
    """
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    response.close()


async def _refusal(request: Request, response: aiohttp.ClientResponse) -> ApiError:
    with _typed_errors(request):
        try:
            body = await _read_bounded(response.content)
        finally:
            response.close()
    return api_error(response.status, body, retry_after_seconds(response.headers.get("Retry-After", "")))


async def _read_bounded(content: aiohttp.StreamReader) -> bytes:
    """Reads to the end, or to a bound that no honest ``Status`` reaches."""
    body = b""
    while len(body) < MAX_ERROR_BYTES and (chunk := await content.readany()):
        body += chunk
    return body


async def next_chunk(response: aiohttp.ClientResponse, request: Request) -> bytes:
    """Returns whatever has arrived of a streamed answer; empty at its end."""
    with _typed_errors(request):
        return await response.content.readany()


@contextlib.contextmanager
def _typed_errors(request: Request) -> Iterator[None]:
    """Turns the HTTP library's errors into ours."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise ConnectionNotMade(f"{request}: {error}") from error
    except TimeoutError as error:
        raise DeadlineExceeded(f"{request}: the server fell silent ({error})") from error
    except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
        raise ConnectionFailed(f"{request}: {type(error).__name__}: {error}") from error
