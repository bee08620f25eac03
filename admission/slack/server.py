"""The port that Slack calls: bounded, signed, answered in time."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from time import perf_counter
from typing import Final

import msgspec
from aiohttp import web

from admission.slack.ask import Ask, NotUnderstood, read_ask
from admission.slack.desk import Desk
from admission.slack.late import LateAnswers
from admission.slack.metrics import SlackMetrics
from admission.slack.reply import Reply
from admission.slack.settings import SlackSettings
from admission.slack.signature import BUSY, FORGED, REPLAYED, STALE, UNSIGNED, SignatureGate
from common.clock import Clock
from common.service.endpoints import parse_address

log = logging.getLogger(__name__)

PATHS: Final = ("/slack/commands", "/slack/actions")
"""Request URLs of the slash command and of interactivity; either takes both."""

_MOST_IN_FLIGHT: Final = 100
_BODY_SECONDS: Final = 2.0
_REFUSALS: Final = {
    UNSIGNED: (HTTPStatus.UNAUTHORIZED, "the request is not signed"),
    STALE: (HTTPStatus.UNAUTHORIZED, "the request is too old, or of before the start of this process"),
    FORGED: (HTTPStatus.UNAUTHORIZED, "the signature is not Slack's"),
    REPLAYED: (HTTPStatus.CONFLICT, "the request was received before"),
    BUSY: (HTTPStatus.SERVICE_UNAVAILABLE, "too many requests; try again in some minutes"),
}


class SlackServer:
    """Receives requests, hands them to the desk, and brings the answers back in time or late."""

    def __init__(
        self,
        desk: Desk,
        gate: SignatureGate,
        late: LateAnswers,
        metrics: SlackMetrics,
        settings: SlackSettings,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._gate = gate
        self._late = late
        self._metrics = metrics
        self._settings = settings
        self._clock = clock
        self._in_flight: set[asyncio.Task[Reply]] = set()
        self._posting: set[asyncio.Task[None]] = set()
        app = web.Application(client_max_size=settings.max_body_bytes)
        for path in PATHS:
            app.router.add_post(path, self._receive)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)

    async def open(self) -> int:
        """Starts to listen and returns the bound port.

        Raises:
            SettingsError: The address is malformed.
            OSError: It cannot be bound.
        """
        address = parse_address(self._settings.slack_listen_address, "--slack-listen-address")
        await self._runner.setup()
        await web.TCPSite(self._runner, address.host or None, address.port).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def close(self) -> None:
        """Takes no more requests, and brings the answers to those in flight."""
        await self._runner.cleanup()
        while self._in_flight or self._posting:
            await asyncio.wait([*self._in_flight, *self._posting])

    async def _receive(self, request: web.Request) -> web.Response:
        began = perf_counter()
        answer = await self._checked(request)
        self._metrics.seconds.observe(perf_counter() - began)
        return answer

    async def _checked(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._refused("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large")
        except TimeoutError:
            return self._refused(
                "too-slow", HTTPStatus.REQUEST_TIMEOUT, "the request took too long to arrive"
            )
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        refusal = self._gate.refusal(body, timestamp, signature, self._clock.now().timestamp())
        if refusal:
            return self._refused(refusal, *_REFUSALS[refusal])
        try:
            ask = read_ask(body)
        except NotUnderstood as error:
            return self._refused("malformed", HTTPStatus.BAD_REQUEST, f"not understood: {error}")
        return await self._answered(ask)

    async def _answered(self, ask: Ask | None) -> web.Response:
        if ask is None:
            self._metrics.requests.labels("check").inc()
            return web.Response()
        if len(self._in_flight) + len(self._posting) >= _MOST_IN_FLIGHT:
            return self._refused(BUSY, *_REFUSALS[BUSY])
        self._metrics.requests.labels("accepted").inc()
        task = asyncio.create_task(self._desk.answer(ask))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        if not ask.pressed:
            await asyncio.wait([task], timeout=self._settings.answer_seconds)
            if task.done():
                return _json(task.result())
        self._bring_later(task, ask.response_url)
        return web.Response() if ask.pressed else _json(Reply("This takes a moment; the answer follows."))

    def _bring_later(self, task: asyncio.Task[Reply], url: str) -> None:
        async def bring() -> None:
            await self._late.post(url, await task)

        posting = asyncio.create_task(bring())
        self._posting.add(posting)
        posting.add_done_callback(self._posting.discard)

    def _refused(self, result: str, status: HTTPStatus, text: str) -> web.Response:
        self._metrics.requests.labels(result).inc()
        log.warning("a request was refused", extra={"result": result})
        return web.Response(status=status, text=f"{text}\n")


def _json(reply: Reply) -> web.Response:
    return web.Response(body=msgspec.json.encode(reply.to_wire()), content_type="application/json")
