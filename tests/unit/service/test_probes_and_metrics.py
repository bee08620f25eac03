"""/healthz, /readyz and /metrics as a kubelet, a Prometheus and a person see them."""

import os
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from common.service.app import Service
from common.service.endpoints import parse_address
from common.service.settings import ServiceSettings, SettingsError


@pytest.fixture
async def service():
    service = Service("example", ServiceSettings())
    yield service
    await service.close()


async def fetch(service: Service, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{service.port}{path}") as response,
    ):
        return response.status, await response.text()


async def test_healthy_process_answers_ok(service):
    service.health.live("loop", lambda: None)
    await service.open()
    assert await fetch(service, "/healthz") == (200, "ok\n")
    assert await fetch(service, "/readyz") == (200, "ok\n")


async def test_failed_checks_are_listed_in_plain_text(service):
    service.health.ready("policies", lambda: "not yet listed")
    service.health.ready("certificate", lambda: "expires in 3 s")
    await service.open()
    assert await fetch(service, "/healthz") == (200, "ok\n")
    assert await fetch(service, "/readyz") == (503, "certificate: expires in 3 s\npolicies: not yet listed\n")


async def test_process_that_is_not_live_is_not_ready(service):
    service.health.live("loop", lambda: "hangs since 60 s")
    await service.open()
    assert await fetch(service, "/healthz") == (503, "loop: hangs since 60 s\n")
    assert (await fetch(service, "/readyz"))[0] == 503


async def test_check_that_raises_is_a_failed_check(service):
    service.health.live("loop", lambda: str(1 / 0))
    await service.open()
    status, text = await fetch(service, "/healthz")
    assert status == 503
    assert "loop: the check itself failed: ZeroDivisionError" in text


async def test_process_that_stops_is_not_ready_but_live(service):
    await service.open()
    service.stop.set()
    assert await fetch(service, "/readyz") == (503, "running: the process is stopping\n")
    assert (await fetch(service, "/healthz"))[0] == 200


async def test_metrics_hold_the_registry_and_the_renderers(service):
    service.add_metrics_renderer(lambda: b"# TYPE climatik_fast_watts gauge\nclimatik_fast_watts 7")
    await service.open()
    status, text = await fetch(service, "/metrics")
    assert status == 200
    assert "process_cpu_seconds_total" in text
    assert 'climatik_build_info{program="example",version=' in text
    assert text.endswith("climatik_fast_watts 7\n")


async def test_renderer_that_breaks_is_counted_and_hides_nothing_else(service):
    service.add_metrics_renderer(lambda: bytes(1 // 0))
    service.add_metrics_renderer(lambda: b"climatik_other 1\n")
    await service.open()
    await fetch(service, "/metrics")
    _, text = await fetch(service, "/metrics")
    assert "climatik_other 1" in text
    assert "climatik_metrics_render_errors_total 2.0" in text


async def test_route_of_the_binary_is_served(service):
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    service.add_route("GET", "/hello", hello)
    await service.open()
    assert await fetch(service, "/hello") == (200, "hello")


async def test_port_file_holds_the_bound_port(tmp_path: Path):
    service = Service("example", ServiceSettings(port_file=str(tmp_path / "port")))
    await service.open()
    try:
        assert int((tmp_path / "port").read_text()) == service.port > 0
        assert os.listdir(tmp_path) == ["port"]
    finally:
        await service.close()


async def test_empty_address_serves_nothing():
    service = Service("example", ServiceSettings(listen_address=""))
    await service.open()
    assert service.port == 0
    await service.close()


ADDRESSES = {
    "IPv4": ("127.0.0.1:80", "127.0.0.1", 80),
    "IPv6": ("[::1]:80", "::1", 80),
    "all": (":80", "", 80),
    "name": ("localhost:0", "localhost", 0),
}


@pytest.mark.parametrize(("text", "host", "port"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_address_is_parsed(text, host, port):
    assert (parse_address(text).host, parse_address(text).port) == (host, port)


@pytest.mark.parametrize("text", ["80", "host", "host:x", "host:70000", "a:b:80"])
def test_bad_address_names_flag_and_remedy(text):
    with pytest.raises(
        SettingsError, match=r"--listen-address: .* For example: --listen-address=127\.0\.0\.1:0|\[::1\]"
    ):
        parse_address(text)
