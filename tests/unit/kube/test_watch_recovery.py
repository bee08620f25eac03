"""A watch survives whatever the server does, and never becomes a hot loop."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from common.api.core import NAMESPACES, Namespace
from common.kube import Client, ConnectionFailed, Informer, ServerError, TooManyRequests
from common.kube.errors import Gone, Status, status_error
from common.kube.transport import Request
from tests.fakes.transport import Script, ScriptedTransport, broken, scripted_client, silence
from tests.fakes.wire import bookmark_line, error_line, event_line, namespace_object, page

pytestmark = pytest.mark.looptime

SYNCED = event_line("ADDED", namespace_object("a", 1)) + bookmark_line(5, initial_end=True)


async def _run_for(script: Script, seconds: float) -> tuple[ScriptedTransport, Informer[Namespace], Client]:
    client, transport = scripted_client(script)
    informer = Informer(client, NAMESPACES)
    following = asyncio.create_task(informer.run())
    await asyncio.sleep(seconds)
    following.cancel()
    return transport, informer, client


async def test_first_picture_comes_by_watch_list_with_bookmarks_and_a_random_server_timeout() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        yield SYNCED
        await silence()

    transport, informer, _ = await _run_for(script, 1)
    query = transport.requests[0].query
    assert query["sendInitialEvents"] == "true"
    assert query["resourceVersionMatch"] == "NotOlderThan"
    assert query["allowWatchBookmarks"] == "true"
    assert 300 <= int(query["timeoutSeconds"]) <= 600
    assert "resourceVersion" not in query  # consistent
    assert informer.synced
    assert informer.resource_version == "5"


async def test_not_synced_before_the_initial_events_have_ended() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        yield event_line("ADDED", namespace_object("a", 1))
        await silence()

    _, informer, _ = await _run_for(script, 10)
    assert not informer.synced
    assert informer.items() == []


async def test_a_server_that_refuses_watch_list_gets_lists_and_is_not_asked_again() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "sendInitialEvents" in request.query:
            message = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch"
            raise status_error(Status(code=422, reason="Invalid", message=message))
        if "watch" in request.query:
            if request.query["resourceVersion"] == "7":
                raise status_error(Status(code=410, reason="Expired"))
            await silence()
        yield page(namespace_object("a", 1), version=7 if len(transport_holder) == 0 else 8)
        transport_holder.append(1)

    transport_holder: list[int] = []
    transport, informer, client = await _run_for(script, 60)
    asked = [request for request in transport.requests if "sendInitialEvents" in request.query]
    assert len(asked) == 1
    assert client.watch_list_refused
    assert informer.resource_version == "8"
    assert [item.name for item in informer.items()] == ["a"]


async def test_a_server_that_ignores_watch_list_is_noticed_by_its_plain_bookmark() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "sendInitialEvents" in request.query:
            yield event_line("ADDED", namespace_object("a", 1)) + bookmark_line(3)
        elif "watch" not in request.query:
            yield page(namespace_object("a", 1), version=4)
        await silence() if "watch" in request.query else None

    _, informer, client = await _run_for(script, 5)
    assert client.watch_list_refused
    assert informer.synced


async def test_a_watch_list_that_never_completes_gives_way_to_a_list() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "watch" in request.query:
            await silence()
        yield page(namespace_object("a", 1), version=4)

    _, informer, client = await _run_for(script, 40)
    assert informer.synced
    assert not client.watch_list_refused


async def test_a_silent_watch_is_dropped_after_75_seconds_and_goes_on_from_the_last_version() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "resourceVersion" not in request.query:
            yield SYNCED
        await silence()
        yield b""

    transport, _, client = await _run_for(script, 77)
    assert [request.query.get("resourceVersion") for request in transport.requests] == [None, "5"]
    assert 75 <= transport.times[1] - transport.times[0] <= 76.3
    assert client.stats.watches["namespaces", "DeadlineExceeded"] == 1


async def test_bookmarks_keep_a_quiet_watch_alive_and_move_its_version() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        yield SYNCED
        for version in range(6, 16):
            await asyncio.sleep(60)
            yield bookmark_line(version)

    transport, informer, _ = await _run_for(script, 590)
    assert len(transport.requests) == 1
    assert informer.resource_version == "14"
    assert informer.seconds_since_activity == pytest.approx(50, abs=1)


async def test_a_watch_that_ends_in_order_after_a_long_life_is_renewed_at_once() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "resourceVersion" not in request.query:
            yield SYNCED
            await asyncio.sleep(60)
            return
        await silence()

    transport, _, _ = await _run_for(script, 70)
    assert transport.times[1] - transport.times[0] == pytest.approx(60, abs=0.01)


async def _at_once(request: Request) -> AsyncIterator[bytes]:
    return
    yield b""


async def _refused(request: Request) -> AsyncIterator[bytes]:
    raise ConnectionFailed("refused")
    yield b""


async def _gone(request: Request) -> AsyncIterator[bytes]:
    raise status_error(Status(code=410, reason="Expired"))
    yield b""


async def _gone_after_sync(request: Request) -> AsyncIterator[bytes]:
    yield SYNCED if "resourceVersion" not in request.query else error_line(410, "Expired")


async def _unavailable(request: Request) -> AsyncIterator[bytes]:
    raise status_error(Status(code=503, reason="ServiceUnavailable"))
    yield b""


FAULTS = {
    "closes every watch at once": _at_once,
    "refuses connections": _refused,
    "answers 410 to everything": _gone,
    "lets every version expire at once": _gone_after_sync,
    "answers 503 without Retry-After": _unavailable,
}


@pytest.mark.parametrize("script", FAULTS.values(), ids=FAULTS.keys())
async def test_no_fault_becomes_a_hot_loop(script: Script) -> None:
    transport, _, _ = await _run_for(script, 600)
    # 0.8 s doubling to between 20 and 30 s: at most 5 attempts on the way up, then one per 20 s
    assert 10 <= len(transport.requests) <= 40
    pauses = [later - earlier for earlier, later in zip(transport.times, transport.times[1:], strict=False)]
    assert min(pauses) >= 0.8
    assert max(pauses) <= 30


@pytest.mark.parametrize("code", [429, 503])
async def test_retry_after_is_honoured_on_a_watch(code: int) -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        reason = "TooManyRequests" if code == 429 else "ServiceUnavailable"
        raise status_error(Status(code=code, reason=reason), 17.0)
        yield b""

    transport, _, client = await _run_for(script, 40)
    pauses = [later - earlier for earlier, later in zip(transport.times, transport.times[1:], strict=False)]
    assert pauses == [pytest.approx(17.0, abs=0.01)] * 2
    kind = TooManyRequests if code == 429 else ServerError
    assert client.stats.watches["namespaces", kind.__name__] == 3


async def test_an_expired_version_is_followed_by_a_fresh_picture() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "resourceVersion" in request.query:
            yield error_line(410, "Expired")
            return
        yield SYNCED
        await asyncio.sleep(20)
        raise broken()

    transport, informer, client = await _run_for(script, 30)
    assert [request.query.get("resourceVersion") for request in transport.requests] == [None, "5", None]
    assert client.stats.relists["namespaces"] == 1
    assert client.stats.watches["namespaces", Gone.__name__] == 1
    assert informer.resource_version == "5"


async def test_a_version_from_before_a_restored_backup_is_given_up() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        if "resourceVersion" in request.query:
            body = {
                "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
            }
            yield event_line("ERROR", {"code": 504, "reason": "Timeout", "message": "", "details": body})
            return
        yield SYNCED
        await asyncio.sleep(1)

    transport, _, _ = await _run_for(script, 5)
    assert transport.requests[2].query.get("resourceVersion") is None


async def test_a_truncated_last_line_is_an_error_and_not_an_event() -> None:
    half = event_line("MODIFIED", namespace_object("a", 6, x="changed"))[:-20]

    async def script(request: Request) -> AsyncIterator[bytes]:
        if "resourceVersion" not in request.query:
            yield SYNCED
            yield half
            return
        await silence()

    transport, informer, client = await _run_for(script, 5)
    item = informer.get("a")
    assert item is not None
    assert item.metadata.labels == {}
    assert client.stats.watches["namespaces", "ConnectionFailed"] == 1
    assert transport.requests[1].query["resourceVersion"] == "5"
