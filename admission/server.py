"""The TLS server that the API server calls."""

from __future__ import annotations

import asyncio
import logging
import ssl
from time import perf_counter
from typing import Final

from admission.connection import IDLE_SECONDS, Bounds, Connection, Exchange, Room
from admission.metrics import AdmissionMetrics
from admission.reviewer import Reviewer
from admission.settings import AdmissionSettings
from admission.validation.validator import Validator
from common.service.endpoints import parse_address

log = logging.getLogger(__name__)

PATH: Final = "/mutate-pods"
VALIDATE_PATH: Final = "/validate"
_PATH_BYTES: Final = PATH.encode("ascii")
_VALIDATE_BYTES: Final = VALIDATE_PATH.encode("ascii")
_REFUSALS: Final = {408: "too-slow", 413: "too-large", 503: "no-room"}
_HANDSHAKE_SECONDS: Final = 5.0
_SWEEP_SECONDS: Final = 30.0
_MOST_CONNECTIONS: Final = 1000
"""An API server keeps some tens. Beyond that the one that was answered the longest ago makes way: each takes
280 KiB, nearly all of it for TLS, and the process has 512 MiB.
"""
_ROOM_BYTES: Final = 64_000_000
"""For bodies under way: twelve of the largest at once, or thousands of the usual ones."""


class WebhookServer:
    """Receives reviews within bounds of size and time, and finishes those in flight when it stops."""

    def __init__(
        self,
        reviewer: Reviewer,
        metrics: AdmissionMetrics,
        context: ssl.SSLContext,
        settings: AdmissionSettings,
        validator: Validator | None = None,
    ) -> None:
        self._reviewer = reviewer
        self._validator = validator
        self._metrics = metrics
        self._context = context
        self._settings = settings
        room = Room(max(_ROOM_BYTES, settings.max_body_bytes))
        self._bounds = Bounds(settings.max_body_bytes, settings.request_deadline_seconds, room)
        self._exchange = Exchange(
            answer=self._answer,
            refused=self._refused,
            finished=metrics.seconds.observe,
            opened=self._opened,
            closed=self._closed,
        )
        self._connections: set[Connection] = set()
        self._empty = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._sweep: asyncio.TimerHandle | None = None

    async def open(self) -> int:
        """Starts to listen and returns the bound port.

        Raises:
            SettingsError: The address is malformed.
            OSError: It cannot be bound.
        """
        address = parse_address(self._settings.webhook_listen_address, "--webhook-listen-address")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._exchange, self._bounds),
            address.host or None,
            address.port,
            ssl=self._context,
            backlog=1024,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=1.0,
        )
        self._close_idle()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Takes no more connections, and waits for requests in flight as long as the API server would."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._connections):
            connection.finish()
        try:
            async with asyncio.timeout(self._settings.webhook_timeout_seconds):
                while self._connections:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            log.warning("requests in flight were given up", extra={"requests": len(self._connections)})
            for connection in tuple(self._connections):
                connection.abort()

    def _opened(self, connection: Connection) -> None:
        if len(self._connections) >= _MOST_CONNECTIONS:
            min(self._connections, key=lambda each: each.idle_since).abort()
        self._connections.add(connection)
        self._metrics.connections.inc()
        if self._server is None:
            connection.finish()

    def _closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def _answer(self, path: bytes, body: bytes) -> bytes | None:
        if path == _PATH_BYTES:
            return self._reviewer.answer(body)
        if path == _VALIDATE_BYTES and self._validator is not None:
            return self._validator.answer(body)
        return None

    def _refused(self, status: int) -> None:
        self._metrics.requests.labels(_REFUSALS.get(status, "refused")).inc()

    def _close_idle(self) -> None:
        """Drops connections on which nothing was answered for long: idle ones, and those of stuck readers."""
        now = perf_counter()
        for connection in tuple(self._connections):
            if now - connection.idle_since > IDLE_SECONDS:
                connection.abort()
        self._sweep = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._close_idle)
