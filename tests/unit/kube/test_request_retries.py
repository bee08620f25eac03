"""Requests have deadlines, and are repeated only where that is right."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from common.api.core import NAMESPACES
from common.kube import ClientSettings, ConnectionFailed, DeadlineExceeded, KubeError
from common.kube.errors import ConnectionNotMade, Status, StatusCause, StatusDetails, status_error
from common.kube.transport import Request
from tests.fakes.transport import scripted_client, silence
from tests.fakes.wire import namespace_object, page

pytestmark = pytest.mark.looptime

BUDGET = Status(
    code=429, reason="TooManyRequests", details=StatusDetails(causes=[StatusCause(reason="DisruptionBudget")])
)


def _status(code: int, retry_after: float | None = None) -> KubeError:
    return status_error(Status(code=code, reason=""), retry_after)


CASES = [
    ("GET", _status(429), 5),
    ("GET", _status(503), 5),
    ("GET", _status(500), 5),
    ("GET", ConnectionFailed("reset"), 5),
    ("GET", _status(404), 1),
    ("GET", _status(410), 1),
    ("POST", _status(429), 5),
    ("POST", _status(503, 1.0), 5),
    ("POST", _status(503), 1),
    ("PATCH", ConnectionFailed("reset"), 1),
    ("PATCH", ConnectionNotMade("refused"), 5),
    ("PUT", _status(409), 1),
    ("POST", status_error(BUDGET), 1),
]


@pytest.mark.parametrize(("method", "error", "attempts"), CASES, ids=[f"{c[0]} {c[1]}"[:40] for c in CASES])
async def test_what_is_repeated(method: str, error: KubeError, attempts: int) -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        raise error
        yield b""

    client, transport = scripted_client(script)
    with pytest.raises(type(error)):
        await client.request(method, "/api/v1/namespaces", body={})
    assert len(transport.requests) == attempts


async def test_retry_after_is_honoured_within_the_deadline() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if len(transport.requests) < 3:
            raise _status(429, 4.0)
        yield b"done"

    client, transport = scripted_client(script)
    assert await client.request("GET", "/x") == b"done"
    assert transport.times[2] - transport.times[0] == pytest.approx(8.0, abs=0.01)


async def test_a_wish_beyond_the_deadline_is_passed_on_at_once() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        raise _status(503, 60.0)
        yield b""

    client, transport = scripted_client(script)
    started = asyncio.get_running_loop().time()
    with pytest.raises(KubeError) as caught:
        await client.request("GET", "/x")
    assert getattr(caught.value, "retry_after_seconds", None) == 60.0
    assert asyncio.get_running_loop().time() == started
    assert len(transport.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_every_request_ends_at_its_deadline(method: str) -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        await silence()
        yield b""

    client, _ = scripted_client(script, ClientSettings(deadline_seconds=12))
    started = asyncio.get_running_loop().time()
    with pytest.raises(DeadlineExceeded, match="12 s"):
        await client.request(method, "/x")
    with pytest.raises(DeadlineExceeded, match="3 s"):
        await client.request(method, "/x", deadline_seconds=3)
    assert asyncio.get_running_loop().time() - started == pytest.approx(15, abs=0.01)


async def test_lists_are_read_page_by_page() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if request.query.get("continue") == "next":
            yield page(namespace_object("b"), version=9)
        else:
            yield page(namespace_object("a"), version=9, continue_token="next")

    client, transport = scripted_client(script)
    result = await client.list(NAMESPACES, label_selector="x=y")
    assert [item.name for item in result.items] == ["a", "b"]
    assert result.resource_version == "9"
    assert [request.query["limit"] for request in transport.requests] == ["500", "500"]
    assert all(request.query["labelSelector"] == "x=y" for request in transport.requests)


async def test_a_continue_token_that_expired_starts_the_list_again_in_one_piece() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "continue" in request.query:
            raise _status(410)
        if "limit" in request.query:
            yield page(namespace_object("a"), continue_token="next")
        else:
            yield page(namespace_object("a"), namespace_object("b"))

    client, _ = scripted_client(script)
    assert len((await client.list(NAMESPACES)).items) == 2


async def test_one_bad_object_of_a_list_is_skipped_and_named() -> None:
    bad = namespace_object("bad")
    bad["metadata"]["labels"] = 5

    async def script(request: Request) -> AsyncIterator[bytes]:
        yield page(namespace_object("a"), bad, namespace_object("c"))

    client, _ = scripted_client(script)
    result = await client.list(NAMESPACES)
    assert [item.name for item in result.items] == ["a", "c"]
    assert result.skipped == ["bad"]
    assert client.stats.undecodable["namespaces"] == 1
