"""The Unix socket that drivers of the devices, and tests, talk to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from common.twin.errors import TwinError
from common.twin.messages import Failure, Reply, Request
from deploy.local.machine_room.verbs import Verbs

log = logging.getLogger(__name__)

_HANG_POLL_SECONDS = 0.02


class SocketServer:
    """Serves one room. ``catch_up`` brings simulated time to the present before each call."""

    def __init__(self, verbs: Verbs, catch_up: Callable[[], None]) -> None:
        self._verbs = verbs
        self._catch_up = catch_up
        self._connections: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Listens on a path for as long as the block lasts; a socket that was left there is replaced."""
        _remove(path)
        server = await asyncio.start_unix_server(self._serve, path)
        try:
            yield
        finally:
            server.close()
            for writer in list(self._connections):
                writer.close()
            _remove(path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while line := await reader.readline():
                reply = await self._reply(line, reader)
                if reply is None:
                    break
                writer.write(msgspec.json.encode(reply) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            log.warning("a connection broke", extra={"error": str(error)})
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _reply(self, line: bytes, reader: asyncio.StreamReader) -> Reply | None:
        """Answers one request; None when its caller gave up while the device hung."""
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.DecodeError as error:
            return Reply(id=0, error=Failure(kind="TwinError", message=f"not a request: {error}"))
        while self._verbs.hangs(request):
            await asyncio.sleep(_HANG_POLL_SECONDS)
            if reader.at_eof():
                return None
        self._catch_up()
        try:
            return Reply(id=request.id, result=self._verbs.answer(request))
        except (TwinError, ValueError) as error:
            return Reply(id=request.id, error=Failure(kind=type(error).__name__, message=str(error)))


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
