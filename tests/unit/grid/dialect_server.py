"""A local server that answers like a service of the grid, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from common.grid.http import Http, HttpSettings


class DialectServer:
    """Answers by path with (status, body), or with what a callable makes of the request."""

    def __init__(self, answers):
        self.answers = answers
        self.requests = []
        self.url = ""

    async def handle(self, request):
        self.requests.append(request)
        answer = self.answers.get(request.path, (404, {"error": "not found"}))
        if callable(answer):
            answer = answer(request)
        status, body, *headers = answer
        if status == "hang":
            await asyncio.sleep(60)
        sent = dict(headers[0]) if headers else {}
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers=sent)
        return web.json_response(body, status=status, headers=sent)

    def queries(self, path):
        return [dict(request.query) for request in self.requests if request.path == path]


@asynccontextmanager
async def serving(answers, **settings) -> AsyncIterator[tuple[DialectServer, Http]]:
    fake = DialectServer(answers)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(application, shutdown_timeout=0) as server, Http(HttpSettings(**settings)) as http:
        fake.url = str(server.make_url("/")).rstrip("/")
        yield fake, http
