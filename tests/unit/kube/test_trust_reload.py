"""A rotated CA is trusted without a restart."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from common.api.core import NAMESPACES
from common.kube import Client, ClientSettings, ClusterConfig, ConnectionFailed, TlsConfig
from deploy.local.certificates import Authority
from tests.fakes.clock import FakeClock
from tests.fakes.wire import namespace_object


async def _answer(request: web.Request) -> web.Response:
    return web.json_response(namespace_object("a"))


async def _serve(authority: Authority) -> tuple[web.AppRunner, str]:
    pair = authority.issue_server("server", ["localhost"], ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    application = web.Application()
    application.router.add_get("/{path:.*}", _answer)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner, f"https://127.0.0.1:{runner.addresses[0][1]}"


async def test_a_rotated_ca_is_trusted_from_the_next_connection_on(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old, new = Authority(tmp_path / "old", "old"), Authority(tmp_path / "new", "new")
    bundle = tmp_path / "ca.crt"
    bundle.write_bytes(old.certificate.read_bytes())
    runner, url = await _serve(new)
    clock = FakeClock()
    settings = ClientSettings(attempts=1)
    async with Client(
        ClusterConfig(url, tls=TlsConfig(ca_file=str(bundle))), clock=clock, settings=settings
    ) as client:
        with pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(NAMESPACES, "a")
        bundle.write_bytes(new.certificate.read_bytes() + b"\n")
        clock.advance(1.0)
        assert (await client.get(NAMESPACES, "a")).name == "a"
        bundle.write_text("half written")
        clock.advance(1.0)
        assert (await client.get(NAMESPACES, "a")).name == "a"
    await runner.cleanup()
