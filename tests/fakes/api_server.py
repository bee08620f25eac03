"""A scripted API server on a real socket: each test says how it answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from common.kube import Client, ClientSettings, ClusterConfig

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class ScriptedServer:
    """Records every request and answers with whatever `handler` is at the moment."""

    handler: Handler
    requests: list[web.Request] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.handler(request)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(handler)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client_of(server: ScriptedServer, **config: Any) -> AsyncIterator[Client]:
    settings = config.pop("settings", None) or ClientSettings()
    async with Client(
        ClusterConfig(server.url, **config), user_agent="climatik-test", settings=settings
    ) as client:
        yield client


def refuse(
    code: int, reason: str, message: str = "", *, retry_after: str = "", **details: Any
) -> web.Response:
    """An answer as the API server refuses."""
    status = {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    headers = {"Retry-After": retry_after} if retry_after else {}
    return web.json_response(status, status=code, headers=headers)
