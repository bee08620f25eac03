"""The lever is killed after each write of each story in turn: whoever comes next finishes it or undoes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actuator.ladder.action import Action, Outcome, Rung
from actuator.levers.ceilings import CeilingLever
from common.api.core import ObjectReference
from common.api.names import ANNOTATION_CEILING, ANNOTATION_CEILINGS, FINALIZER_RELEASE
from common.kube.api_resources import ApiResources
from common.kube.errors import KubeError
from tests.fakes.clock import FakeClock

from .small_server import Body, SmallServer

POLICY = "/apis/climatik.io/v1alpha1/namespaces/ns/powercappingpolicies/cap"
KINDS = {
    "Deployment": ("apps/v1", "/apis/apps/v1/namespaces/ns/deployments/it", {"replicas": 4}),
    "InferenceService": (
        "serving.kserve.io/v1beta1",
        "/apis/serving.kserve.io/v1beta1/namespaces/ns/inferenceservices/it",
        {"predictor": {"minReplicas": 1, "maxReplicas": 4}},
    ),
    "Fleet": ("example.com/v1", "/apis/example.com/v1/namespaces/ns/fleets/it", {"replicas": 4}),
}
STORIES: dict[str, list[int | None]] = {
    "bound": [2],
    "bound and given back": [2, None],
    "bound twice and given back": [3, 1, None],
    "raised in between": [1, 3, None],
}


def world(kind: str) -> SmallServer:
    server = SmallServer()
    server.put(POLICY, {"spec": {}})
    _, path, spec = KINDS[kind]
    server.put(path, {"spec": spec})
    names = [{"name": name, "kind": "Fleet", "namespaced": True} for name in ("fleets", "fleets/scale")]
    server.discovery["/apis/example.com/v1"] = names
    return server


async def take(
    server: SmallServer, kind: str, ceiling: int | None, may_write: Callable[[], bool] = lambda: True
) -> Outcome:
    """A fresh lever, as that of a new leader, takes one action."""
    client, clock = server.client(), FakeClock()
    lever = CeilingLever(client, ApiResources(client, clock), clock, may_write)
    target = ObjectReference(api_version=KINDS[kind][0], kind=kind, name="it", namespace="ns")
    return await lever.take(Action("key", Rung.CEILING, ("ns", "cap"), target, 0, 0, "why", ceiling))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
async def test_the_successor_finishes_or_undoes(kind: str, story: list[int | None]) -> None:
    for deaths in range(20):
        server = world(kind)
        original = server.spec(KINDS[kind][1])
        server.writes_left = deaths
        finished = await _tell(server, kind, story)
        server.writes_left = 10**6
        assert _promised(server, kind)
        for ceiling in (2, None):
            outcome = await take(server, kind, ceiling)
            assert outcome.taken, (deaths, outcome)
        assert server.spec(KINDS[kind][1]) == original
        assert ANNOTATION_CEILING not in server.annotations(KINDS[kind][1])
        assert ANNOTATION_CEILINGS not in server.annotations(POLICY)
        if finished:
            return
    raise AssertionError("the story has no end")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_action_that_is_taken_again_writes_nothing(kind: str) -> None:
    server = world(kind)
    assert (await take(server, kind, 2)).taken
    before = list(server.writes)
    assert (await take(server, kind, 2)).reason == "AsWanted"
    assert server.writes == before


@pytest.mark.parametrize("kind", KINDS)
async def test_a_process_that_does_not_lead_writes_nothing(kind: str) -> None:
    server = world(kind)
    outcome = await take(server, kind, 2, may_write=lambda: False)
    assert (outcome.taken, outcome.reason, server.writes) == (False, "NotLeading", [])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_process_that_leads_no_more_by_the_time_of_a_write_does_not_make_it(kind: str) -> None:
    """It may have been stopped for a minute between two of them, while its successor gave everything back."""
    server = world(kind)
    _, path, original = KINDS[kind]
    outcome = await take(server, kind, 2, may_write=lambda: not server.writes)
    assert (outcome.taken, outcome.reason) == (False, "NotLeading")
    assert server.writes == [POLICY]
    assert server.spec(path) == original
    assert (await take(server, kind, None)).taken
    assert ANNOTATION_CEILINGS not in server.annotations(POLICY)


@pytest.mark.parametrize("kind", ["InferenceService", "Fleet"])
async def test_a_note_on_an_owner_that_was_deleted_does_not_hold_the_policy(kind: str) -> None:
    server = world(kind)
    await take(server, kind, 2)
    del server.objects[KINDS[kind][1]]
    assert (await take(server, kind, None)).taken
    assert ANNOTATION_CEILINGS not in server.annotations(POLICY)


async def test_a_copied_note_is_none() -> None:
    """KEDA copies the annotations of a ScaledObject to its HPA, a Deployment's go to its ReplicaSets."""
    server = world("Deployment")
    path = KINDS["Deployment"][1]
    copied = (
        '{"fields":{"/spec/replicas":{"original":9,"ours":1,"policy":"ns/cap","since":"t"}},"of":"Fleet/it"}'
    )
    server.change(path, {"metadata": {"annotations": {ANNOTATION_CEILING: copied}}})
    assert (await take(server, "Deployment", None)).reason == "AsWanted"
    assert (await take(server, "Deployment", 2)).taken
    assert '"original":4' in server.annotations(path)[ANNOTATION_CEILING]


async def test_an_unreadable_note_is_refused_with_the_remedy() -> None:
    server = world("Deployment")
    server.change(KINDS["Deployment"][1], {"metadata": {"annotations": {ANNOTATION_CEILING: "four"}}})
    outcome = await take(server, "Deployment", 2)
    assert (outcome.taken, outcome.reason) == (False, "UnreadableNote")
    assert "remove it" in outcome.message


async def test_what_cannot_be_scaled_is_refused() -> None:
    server = world("Fleet")
    server.discovery["/apis/example.com/v1"] = server.discovery["/apis/example.com/v1"][:1]
    assert (await take(server, "Fleet", 2)).reason == "NotScalable"


async def test_a_conflict_is_tried_again_later() -> None:
    server = world("Deployment")
    path = KINDS["Deployment"][1]
    client, clock = server.client(), FakeClock()

    def somebody_writes() -> bool:
        return True

    lever = CeilingLever(client, ApiResources(client, clock), clock, somebody_writes)
    hold = lever._policies.hold

    async def hold_while_another_writes(policy: tuple[str, str]) -> None:
        await hold(policy)
        server.change(path, {"spec": {"replicas": 7}})

    lever._policies.hold = hold_while_another_writes  # type: ignore[method-assign]
    target = ObjectReference(api_version="apps/v1", kind="Deployment", name="it", namespace="ns")
    outcome = await lever.take(Action("key", Rung.CEILING, ("ns", "cap"), target, 0, 0, "why", 2))
    assert (outcome.taken, outcome.reason) == (False, "Conflict")
    assert outcome.retry_after_seconds > 0
    assert server.spec(path) == {"replicas": 7}


async def _tell(server: SmallServer, kind: str, story: list[int | None]) -> bool:
    """Tells a story until its end, or until the process dies."""
    for ceiling in story:
        try:
            await take(server, kind, ceiling)
        except KubeError:
            return False
    return True


def _promised(server: SmallServer, kind: str) -> bool:
    """Whether a count that is not the original is remembered, and the policy held for it."""
    _, path, original = KINDS[kind]
    if server.spec(path) == original:
        return True
    notes: Body = {**server.annotations(path), **server.annotations(POLICY)}
    held = server.objects[POLICY]["metadata"].get("finalizers") == [FINALIZER_RELEASE]
    return held and any(name in notes for name in (ANNOTATION_CEILING, ANNOTATION_CEILINGS))
