"""A transport without sockets, so that hours of watching pass in fake time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from common.clock import SystemClock
from common.kube import Client, ClientSettings, ClusterConfig, ConnectionFailed
from common.kube.servertime import ServerTime
from common.kube.stats import ClientStats
from common.kube.transport import Request

Script = Callable[[Request], AsyncIterator[bytes]]


class _Content:
    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def readany(self) -> bytes:
        return await anext(self._chunks, b"")


class _Response:
    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self.content = _Content(chunks)


class ScriptedTransport:
    """Answers each request with what the script yields; errors that the script raises are the answer's."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[Request] = []
        self.times: list[float] = []
        self.stats = ClientStats()
        self.server_time = ServerTime(SystemClock())

    @asynccontextmanager
    async def open(self, request: Request, **_: object) -> AsyncIterator[_Response]:
        self._note(request)
        chunks = self.script(request)
        first = await anext(chunks, b"")  # a refusal comes before the answer's head
        yield _Response(_after(first, chunks))

    async def read(self, request: Request) -> bytes:
        self._note(request)
        return b"".join([chunk async for chunk in self.script(request)])

    async def close(self) -> None:
        pass

    def _note(self, request: Request) -> None:
        self.requests.append(request)
        self.times.append(asyncio.get_running_loop().time())


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def scripted_client(
    script: Script, settings: ClientSettings | None = None
) -> tuple[Client, ScriptedTransport]:
    """A client whose requests are answered by the script."""
    client = Client(ClusterConfig("http://scripted"), settings=settings)
    transport = ScriptedTransport(script)
    client.transport = transport  # type: ignore[assignment]
    return client, transport


async def silence() -> None:
    """A server that says nothing any more."""
    await asyncio.Event().wait()


def broken() -> ConnectionFailed:
    return ConnectionFailed("reset by the test")
