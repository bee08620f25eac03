"""The eviction lever: what it sends, and what each answer means."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from actuator.ladder.action import Action, Rung
from actuator.levers.evict import EvictLever
from common.api.core import ObjectReference
from common.kube.errors import ServerError
from tests.fakes.api_server import client_of, refuse, serving

ACTION = Action(
    key="EVICT/u1",
    rung=Rung.EVICT,
    policy=("llm", "cap"),
    target=ObjectReference(api_version="v1", kind="Pod", name="web-1", namespace="llm", uid="u1"),
    relief_watts=300,
    disruptions=1,
    reason="policy/llm/cap draws 900 W of 700 W",
)
BUDGET = [
    {"reason": "DisruptionBudget", "message": "The disruption budget web needs 2 healthy pods and has 2"}
]
ANSWERS: dict[str, tuple[Any, bool, str]] = {
    "done": (lambda: web.json_response({}, status=201), True, "Evicted"),
    "gone": (lambda: refuse(404, "NotFound"), True, "AlreadyGone"),
    "another pod": (
        lambda: refuse(409, "Conflict", "the UID in the precondition does not match"),
        False,
        "Replaced",
    ),
    "budget": (lambda: refuse(429, "TooManyRequests", causes=BUDGET), False, "DisruptionBudget"),
    "forbidden": (lambda: refuse(403, "Forbidden"), False, "Forbidden"),
    "not understood": (lambda: refuse(400, "BadRequest"), False, "NotAccepted"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_the_outcome(name: str) -> None:
    answer, taken, reason = ANSWERS[name]
    asked = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append((request.method, request.path, await request.json()))
        return answer()

    async with serving(handler) as server, client_of(server) as client:
        outcome = await EvictLever(client).take(ACTION)
    assert (outcome.taken, outcome.reason) == (taken, reason)
    ((method, path, body),) = asked
    assert (method, path) == ("POST", "/api/v1/namespaces/llm/pods/web-1/eviction")
    assert body["deleteOptions"]["preconditions"] == {"uid": "u1"}


async def test_an_answer_that_says_nothing_of_the_pod_is_raised() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return refuse(500, "InternalError")

    async with serving(handler) as server, client_of(server) as client:
        with pytest.raises(ServerError):
            await EvictLever(client).take(ACTION)


async def test_nothing_is_sent_by_who_does_not_lead() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        raise AssertionError

    async with serving(handler) as server, client_of(server) as client:
        outcome = await EvictLever(client, lambda: False).take(ACTION)
    assert (outcome.taken, outcome.reason) == (False, "NotLeading")
    assert server.requests == []
