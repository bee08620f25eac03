"""What a request carries: our name, and the token of this moment."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from common.api.core import NAMESPACES
from common.kube import Forbidden
from common.kube.config import ClusterConfig
from common.kube.credentials import Credentials
from tests.fakes.api_server import ScriptedServer, client_of, refuse, serving
from tests.fakes.clock import FakeClock
from tests.fakes.wire import namespace_object


async def _fine(request: web.Request) -> web.Response:
    return web.json_response(namespace_object("a"))


def _tokens(server: ScriptedServer) -> list[str]:
    return [request.headers.get("Authorization", "") for request in server.requests]


async def test_the_request_really_carries_the_token_and_our_own_user_agent() -> None:
    async with serving(_fine) as server, client_of(server, token="secret") as client:
        await client.get(NAMESPACES, "a")
        assert _tokens(server) == ["Bearer secret"]
        assert server.requests[0].headers["User-Agent"] == "climatik-test"


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with serving(_fine) as server, client_of(server) as client:
        assert (await client.get(NAMESPACES, "a")).name == "a"


async def test_a_refused_token_is_read_anew_and_tried_once_more(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")

    async def check(request: web.Request) -> web.Response:
        if request.headers["Authorization"] == "Bearer new":
            return await _fine(request)
        token.write_text("new")
        return refuse(401, "Unauthorized")

    async with serving(check) as server, client_of(server, token_file=str(token)) as client:
        await client.get(NAMESPACES, "a")
        assert _tokens(server) == ["Bearer old", "Bearer new"]


async def test_a_token_that_stays_refused_is_a_permanent_error() -> None:
    async def never(request: web.Request) -> web.Response:
        return refuse(401, "Unauthorized")

    async with serving(never) as server, client_of(server, token="bad") as client:
        with pytest.raises(Forbidden):
            await client.get(NAMESPACES, "a")
        assert len(server.requests) == 2


def _rewritten(folder: Path) -> Iterator[None]:
    (folder / "token").write_text("one")
    yield
    (folder / "token").write_text("number two")
    yield


def _swapped(folder: Path) -> Iterator[None]:
    """As the kubelet does it: token -> ..data/token, ..data -> a folder per version."""
    for version in ("one", "number two"):
        (folder / version).mkdir()
        (folder / version / "token").write_text(version)
    (folder / "..data").symlink_to("one")
    (folder / "token").symlink_to("..data/token")
    yield
    (folder / "..next").symlink_to("number two")
    (folder / "..next").replace(folder / "..data")
    yield


@pytest.mark.parametrize("change", [_rewritten, _swapped])
async def test_a_changed_token_file_is_seen_within_a_second(tmp_path: Path, change: object) -> None:
    clock = FakeClock()
    steps = change(tmp_path)  # type: ignore[operator]
    next(steps)
    credentials = Credentials(ClusterConfig("http://x", token_file=str(tmp_path / "token")), clock)
    assert await credentials.token() == "one"
    next(steps)
    clock.advance(1.0)
    assert await credentials.token() == "number two"


async def test_a_token_file_that_vanishes_for_a_moment_leaves_the_old_token(tmp_path: Path) -> None:
    clock = FakeClock()
    file = tmp_path / "token"
    file.write_text("one")
    credentials = Credentials(ClusterConfig("http://x", token_file=str(file)), clock)
    assert await credentials.token() == "one"
    file.unlink()
    clock.advance(2)
    assert await credentials.token() == "one"


async def test_a_log_in_helper_runs_in_a_thread_and_is_asked_once_a_minute() -> None:
    calls: list[bool] = []

    def log_in() -> str:
        try:
            asyncio.get_running_loop()
            calls.append(True)
        except RuntimeError:
            calls.append(False)
        return f"token-{len(calls)}"

    clock = FakeClock()
    credentials = Credentials(ClusterConfig("http://x", token_source=log_in), clock)
    assert [await credentials.token() for _ in range(3)] == ["token-1"] * 3
    clock.advance(61)
    assert await credentials.token() == "token-2"
    assert calls == [False, False]
