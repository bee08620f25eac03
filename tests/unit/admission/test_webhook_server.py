"""The server: bounds of size and time, and a stop that finishes what is in flight."""

import asyncio
import dataclasses

import aiohttp
import pytest

from admission.server import PATH
from tests.unit.admission.server_for_tests import PATIENT, Setup

HASTY = dataclasses.replace(PATIENT, request_deadline_seconds=0.01)


@pytest.fixture
async def setup(request):
    made = Setup(getattr(request, "param", PATIENT))
    made.port = await made.server.open()
    yield made
    await made.server.close()


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as made:
        yield made


async def test_review_is_answered_over_tls_and_timed(setup, session):
    async with setup.post(session, b"x" * 1000) as response:
        assert (response.status, await response.json()) == (200, {"bytes": 1000})
        assert response.content_type == "application/json"
    assert setup.registry.get_sample_value("climatik_admission_request_seconds_count") == 1


async def test_body_over_the_limit_gets_413(setup, session):
    async with setup.post(session, b"x" * 1001) as response:
        assert response.status == 413
    assert setup.count("too-large") == 1


@pytest.mark.parametrize("setup", [HASTY], ids=["hasty"], indirect=True)
async def test_body_that_never_ends_is_given_up(setup, session):
    async def stalled():
        yield b"x"
        await asyncio.Event().wait()

    async with setup.post(session, stalled(), headers={"Content-Length": "2"}) as response:
        assert response.status == 408
    assert setup.count("too-slow") == 1


async def test_other_paths_and_plain_http_are_refused(setup, session):
    async with setup.post(session, b"", "/other") as response:
        assert response.status == 404
    with pytest.raises(aiohttp.ClientError):
        await session.post(f"http://127.0.0.1:{setup.port}{PATH}", data=b"")


async def test_stop_finishes_the_request_in_flight(setup, session):
    arrived, stopping = asyncio.Event(), asyncio.Event()

    async def body():
        arrived.set()  # sent only after the server, at work on the request, has asked for the body
        await stopping.wait()
        yield b"xx"

    answer = asyncio.create_task(
        setup.post(session, body(), expect100=True, headers={"Content-Length": "2"}).__aenter__()
    )
    await arrived.wait()
    closing = asyncio.create_task(setup.server.close())
    await asyncio.sleep(0)
    stopping.set()
    response = await answer
    assert (response.status, await response.json()) == (200, {"bytes": 2})
    response.release()
    await closing
    with pytest.raises(aiohttp.ClientError):
        await setup.post(session, b"")
