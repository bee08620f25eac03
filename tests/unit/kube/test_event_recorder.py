"""Events: the same one is counted up, floods are combined and limited, nothing raises."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from common.api.core import ObjectReference
from common.kube import EventRecorder, EventSettings
from common.kube.errors import Status, status_error
from common.kube.transport import Request
from tests.fakes.transport import ScriptedTransport, scripted_client

pytestmark = pytest.mark.looptime

POLICY = ObjectReference(kind="PowerCappingPolicy", name="p", namespace="n", uid="u")


async def _accept(request: Request) -> AsyncIterator[bytes]:
    yield request.body or b"{}"


async def _record(settings: EventSettings, messages: list[str]) -> tuple[ScriptedTransport, EventRecorder]:
    client, transport = scripted_client(_accept)
    recorder = EventRecorder(client, "test", settings=settings)
    for message in messages:
        recorder.event(POLICY, "Normal", "Capped", message)
    writing = asyncio.create_task(recorder.run())
    await asyncio.sleep(5)
    writing.cancel()
    return transport, recorder


async def test_the_same_event_again_raises_the_count() -> None:
    transport, _ = await _record(EventSettings(), ["limited"] * 3)
    assert [request.method for request in transport.requests] == ["POST", "PATCH", "PATCH"]
    assert json.loads(transport.requests[2].body or b"")["count"] == 3


async def test_many_different_messages_of_one_reason_are_combined() -> None:
    transport, _ = await _record(
        EventSettings(similar_limit=4), [f"limited to {watts} W" for watts in range(20)]
    )
    assert [request.method for request in transport.requests].count("POST") == 5


async def test_events_about_one_object_are_limited() -> None:
    _, recorder = await _record(EventSettings(burst=5), ["limited"] * 12)
    assert recorder.dropped == 7


async def test_what_comes_often_does_not_crowd_out_what_comes_once() -> None:
    client, transport = scripted_client(_accept)
    recorder = EventRecorder(client, "test", settings=EventSettings(burst=5))
    for number in range(12):
        recorder.event(POLICY, "Normal", "Capped", f"limited {number}")
    recorder.event(POLICY, "Normal", "Released", "let go")
    writing = asyncio.create_task(recorder.run())
    await asyncio.sleep(5)
    writing.cancel()
    reasons = [json.loads(request.body or b"")["reason"] for request in transport.requests]
    assert reasons.count("Capped") == 5
    assert reasons.count("Released") == 1


async def test_the_name_of_an_event_about_a_long_name_is_one_that_the_server_takes() -> None:
    client, transport = scripted_client(_accept)
    recorder = EventRecorder(client, "test")
    recorder.event(ObjectReference(kind="Pod", name="a" * 199 + "-b", namespace="n"), "Normal", "Capped", "x")
    writing = asyncio.create_task(recorder.run())
    await asyncio.sleep(1)
    writing.cancel()
    name = json.loads(transport.requests[0].body or b"")["metadata"]["name"]
    assert len(name) <= 253
    assert all(part[0].isalnum() and part[-1].isalnum() for part in name.split("."))


async def test_a_full_queue_drops_and_counts() -> None:
    _, recorder = await _record(EventSettings(queue_length=3), ["limited"] * 10)
    assert recorder.dropped == 7


async def test_a_server_that_refuses_is_survived() -> None:
    async def refuse(request: Request) -> AsyncIterator[bytes]:
        raise status_error(Status(code=403, reason="Forbidden"))
        yield b""

    client, _ = scripted_client(refuse)
    recorder = EventRecorder(client, "test")
    writing = asyncio.create_task(recorder.run())
    recorder.event(POLICY, "Warning", "Failed", "x" * 5000)
    await asyncio.sleep(5)
    assert not writing.done()
    assert recorder.dropped == 1
    writing.cancel()
