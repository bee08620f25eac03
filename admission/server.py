"""The TLS server that the API server calls."""

from __future__ import annotations

import asyncio
import logging
import ssl
from time import perf_counter

from aiohttp import web

from admission.metrics import AdmissionMetrics
from admission.reviewer import Reviewer
from admission.settings import AdmissionSettings
from common.service.endpoints import parse_address

log = logging.getLogger(__name__)

PATH = "/mutate-pods"
_TOO_LARGE, _TOO_SLOW = "too-large", "too-slow"


class WebhookServer:
    """Receives reviews within bounds of size and time, and finishes those in flight when it stops."""

    def __init__(
        self,
        reviewer: Reviewer,
        metrics: AdmissionMetrics,
        context: ssl.SSLContext,
        settings: AdmissionSettings,
    ) -> None:
        self._reviewer = reviewer
        self._metrics = metrics
        self._context = context
        self._settings = settings
        app = web.Application(client_max_size=settings.max_body_bytes)
        app.router.add_post(PATH, self._review)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        self._site: web.TCPSite | None = None
        self._in_flight = 0
        self._idle = asyncio.Event()

    async def open(self) -> int:
        """Starts to listen and returns the bound port.

        Raises:
            SettingsError: The address is malformed.
            OSError: It cannot be bound.
        """
        address = parse_address(self._settings.webhook_listen_address, "--webhook-listen-address")
        await self._runner.setup()
        self._site = web.TCPSite(
            self._runner, address.host or None, address.port, ssl_context=self._context, backlog=1024
        )
        await self._site.start()
        port: int = self._runner.addresses[0][1]
        return port

    async def close(self) -> None:
        """Takes no more connections, and waits for requests in flight as long as the API server would.

        The wait is our own: aiohttp's shutdown stops to read at once, and so loses half-sent requests.
        """
        if self._site is not None:
            await self._site.stop()
            self._site = None
        try:
            async with asyncio.timeout(self._settings.webhook_timeout_seconds):
                while self._in_flight:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            log.warning("requests in flight were given up", extra={"requests": self._in_flight})
        await self._runner.cleanup()

    async def _review(self, request: web.Request) -> web.Response:
        started = perf_counter()
        self._in_flight += 1
        try:
            return await self._answer(request)
        finally:
            self._in_flight -= 1
            self._idle.set()
            self._metrics.seconds.observe(perf_counter() - started)

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(self._settings.request_deadline_seconds):
                body = await request.read()
        except TimeoutError:
            self._metrics.requests.labels(_TOO_SLOW).inc()
            return web.Response(status=408, text="the request took too long to arrive\n")
        except web.HTTPRequestEntityTooLarge:
            self._metrics.requests.labels(_TOO_LARGE).inc()
            raise
        return web.Response(body=self._reviewer.answer(body), content_type="application/json")
