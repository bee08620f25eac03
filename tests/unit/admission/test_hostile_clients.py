"""Clients that break off, fall silent or speak something else: they harm nobody but themselves."""

import asyncio
import ssl

import pytest

import admission.server as server_module
from admission.server import PATH
from tests.unit.admission.server_for_tests import PATIENT, Setup

REQUEST = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx".encode()


class Client:
    """TLS by hand over a plain stream, so that either can be broken off by itself."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = setup.trust.wrap_bio(self._in, self._out, server_hostname="127.0.0.1")

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._setup.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    async def begin(self) -> None:
        """Shakes hands."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.flush()
                self._in.write(await self.reader.read(65_536))
            else:
                self.flush()
                return

    def send(self, data: bytes) -> None:
        self._tls.write(data)
        self.flush()

    def flush(self) -> None:
        self.writer.write(self._out.read())

    async def all_that_comes(self) -> bytes:
        """Returns what is received until the connection ends."""
        received = b""
        while True:
            try:
                more = self._tls.read()
            except ssl.SSLWantReadError:
                raw = await self.reader.read(65_536)
                if not raw:
                    return received
                self._in.write(raw)
            except ssl.SSLZeroReturnError:
                return received
            else:
                if not more:
                    return received
                received += more


@pytest.fixture
async def setup():
    made = Setup(PATIENT)
    made.port = await made.server.open()
    yield made
    await made.server.close()


async def answered(setup: Setup) -> bytes:
    """What another client is told meanwhile."""
    async with Client(setup) as other:
        await other.begin()
        other.send(REQUEST.replace(b"Host", b"Connection: close\r\nHost"))
        return await other.all_that_comes()


async def test_client_that_sends_no_more_still_gets_its_answer(setup):
    async with Client(setup) as client:
        await client.begin()
        client.send(REQUEST)
        client.writer.write_eof()
        assert (await client.all_that_comes()).endswith(b'{"bytes": 2}')


async def test_client_that_leaves_in_the_middle_costs_nothing(setup):
    for end in (10, len(REQUEST) - 1):
        async with Client(setup) as client:
            await client.begin()
            client.send(REQUEST[:end])
            client.writer.transport.abort()
    assert (await answered(setup)).endswith(b'{"bytes": 2}')
    assert setup.count("too-slow") is None


async def test_whoever_speaks_no_tls_is_dropped(setup):
    reader, writer = await asyncio.open_connection("127.0.0.1", setup.port)
    writer.write(REQUEST)
    assert b"HTTP" not in await reader.read()
    writer.close()
    assert (await answered(setup)).endswith(b'{"bytes": 2}')


async def test_whoever_says_nothing_keeps_nobody_waiting(setup):
    silent = [await asyncio.open_connection("127.0.0.1", setup.port) for _ in range(50)]
    assert (await answered(setup)).endswith(b'{"bytes": 2}')
    for _, writer in silent:
        writer.close()


async def test_whoever_says_nothing_is_dropped(setup, monkeypatch):
    monkeypatch.setattr(server_module, "_HANDSHAKE_SECONDS", 0.02)
    await setup.server.close()
    setup.port = await setup.server.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", setup.port)
    assert await reader.read() == b""
    writer.close()


async def test_all_of_a_pipeline_is_answered_before_the_end(setup):
    async with Client(setup) as client:
        await client.begin()
        client.send(REQUEST * 300)
        client.writer.write_eof()
        assert (await client.all_that_comes()).count(b'{"bytes": 2}') == 300


async def test_who_asks_is_served_whoever_holds_connections(setup, monkeypatch):
    """Beyond the most connections the one that has been silent the longest makes way."""
    monkeypatch.setattr(server_module, "_MOST_CONNECTIONS", 3)
    async with Client(setup) as first, Client(setup) as second, Client(setup) as third:
        for client in (first, second, third):
            await client.begin()
            client.send(REQUEST)
        assert (await answered(setup)).endswith(b'{"bytes": 2}')
        assert (await first.all_that_comes()).endswith(b'{"bytes": 2}')
        assert len(setup.server._connections) <= 3
