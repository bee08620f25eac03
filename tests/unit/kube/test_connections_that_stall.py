"""A server that takes connections and says nothing: what was never sent may be sent again."""

import asyncio

import pytest

from common.kube import Client, ClientSettings, ClusterConfig, TlsConfig
from common.kube.errors import ConnectionNotMade
from common.kube.transport import Request


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_a_connection_that_is_not_made_in_time_is_known_to_have_sent_nothing(method: str) -> None:
    async with await asyncio.start_server(_say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        config = ClusterConfig(f"https://127.0.0.1:{port}", tls=TlsConfig(insecure=True))
        async with Client(config, settings=ClientSettings(connect_seconds=0.02)) as client:
            with pytest.raises(ConnectionNotMade):
                await client.transport.read(Request(method, "/x", body=b"{}"))
