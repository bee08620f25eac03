"""A TCP proxy in front of a real server that can hang, cut and refuse.

It terminates TLS on neither side: bytes pass as they are, so faults hit the client as the network
would make them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum


class Fault(Enum):
    NONE = "pass everything"
    HANG = "accept and keep connections, pass nothing in either direction"
    CLOSE = "accept and close at once"


class MisbehavingProxy:
    """Forwards to one address; faults also stop the bytes of open connections."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing = asyncio.Event()
        self._passing.set()
        self._closing = False
        self.connections = 0

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def misbehave(self, fault: Fault) -> None:
        self._closing = fault is Fault.CLOSE
        if fault is Fault.HANG:
            self._passing.clear()
        else:
            self._passing.set()

    def cut(self) -> None:
        """Breaks every open connection with a reset, in the middle of whatever it carries."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.misbehave(Fault.NONE)
        self.cut()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._closing:
            writer.transport.abort()
            return
        try:
            their_reader, their_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, their_writer}
        await asyncio.gather(self._pump(reader, their_writer), self._pump(their_reader, writer))
        self._writers -= {writer, their_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def proxying(host: str, port: int) -> AsyncIterator[MisbehavingProxy]:
    proxy = MisbehavingProxy(host, port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
