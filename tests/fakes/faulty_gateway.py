"""An HTTP gateway in front of a real API server that answers some requests wrongly."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from common.clock import SystemClock
from common.kube import ClusterConfig
from common.kube.credentials import Credentials

Inject = Callable[[web.Request], web.Response | None]

_HOP_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "authorization"}


class FaultyGateway:
    """Passes requests on as the admin, unless `inject` answers them; may cut a stream after so many bytes."""

    def __init__(self, config: ClusterConfig) -> None:
        self._config = config
        self._session: aiohttp.ClientSession | None = None
        self.inject: Inject = lambda request: None
        self.cut_after_bytes: int | None = None
        self.requests: list[web.Request] = []
        self.url = ""

    @property
    def config(self) -> ClusterConfig:
        """How a client reaches the gateway."""
        return ClusterConfig(self.url)

    async def start(self) -> web.AppRunner:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def stop(self, runner: web.AppRunner) -> None:
        await runner.cleanup()
        if self._session:
            await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        injected = self.inject(request)
        if injected is not None:
            return injected
        assert self._session is not None
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOP_HEADERS}
        tls = Credentials(self._config, SystemClock()).tls()
        assert tls is not None
        target = self._config.server + request.raw_path
        body = await request.read()
        async with self._session.request(
            request.method, target, headers=headers, data=body or None, ssl=tls
        ) as answer:
            return await self._forward(request, answer)

    async def _forward(self, request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        passed = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP_HEADERS}
        response = web.StreamResponse(status=answer.status, headers=passed)
        await response.prepare(request)
        limit, sent = self.cut_after_bytes, 0
        async for chunk in answer.content.iter_any():
            if limit is not None and sent + len(chunk) >= limit:
                await response.write(chunk[: limit - sent])
                assert request.transport is not None
                request.transport.close()
                return response
            sent += len(chunk)
            await response.write(chunk)
        return response


@asynccontextmanager
async def gateway_to(config: ClusterConfig) -> AsyncIterator[FaultyGateway]:
    gateway = FaultyGateway(config)
    runner = await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop(runner)
