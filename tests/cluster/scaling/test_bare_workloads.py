"""Workloads that nothing scales: their own count is lowered and given back, unless a person changed it."""

from __future__ import annotations

import pytest

from common.api.apps import DEPLOYMENTS, STATEFUL_SETS
from common.api.names import FINALIZER_RELEASE
from common.api.policy import POLICIES
from common.kube.errors import NotFound

from .conftest import Place, running, workload_spec


async def test_a_deployment_is_bounded_and_given_back(place: Place) -> None:
    await place.deployment("chat", 4)
    await place.policy()
    await place.advise(200, {"Deployment/chat": 2})
    async with running(place):
        await place.until(lambda: _replicas(place, "chat", 2), "the ceiling")
        assert '"original":4' in str(await place.note(DEPLOYMENTS, "chat"))
        assert FINALIZER_RELEASE in (await place.the_policy()).metadata.finalizers
        await place.advise(400, {"Deployment/chat": 4})
        await place.until(lambda: _replicas(place, "chat", 4), "the original")
        assert await place.note(DEPLOYMENTS, "chat") is None


async def test_a_stateful_set_is_bounded_and_given_back_when_the_mode_changes(place: Place) -> None:
    spec = {**workload_spec("index", place.node), "serviceName": "index", "replicas": 3}
    await place.client.create(STATEFUL_SETS, {"metadata": {"name": "index"}, "spec": spec}, place.namespace)
    await place.policy()
    await place.advise(100, {"StatefulSet/index": 1})
    async with running(place):
        await place.until(lambda: _count(place, 1), "the ceiling")
        off = {"spec": {"updatePolicy": {"updateMode": "Off"}}}
        await place.client.patch(POLICIES, "cap", off, place.namespace)
        await place.until(lambda: _count(place, 3), "the original")
        assert await place.note(STATEFUL_SETS, "index") is None
        await place.until(lambda: _is_let_go(place), "the policy to be let go")


async def test_deleting_the_policy_gives_back_first(place: Place) -> None:
    await place.deployment("chat", 4)
    await place.policy()
    await place.advise(200, {"Deployment/chat": 2})
    async with running(place):
        await place.until(lambda: _replicas(place, "chat", 2), "the ceiling")
    await place.client.delete(POLICIES, "cap", place.namespace)
    assert (await place.the_policy()).metadata.deletion_timestamp
    async with running(place):
        await place.until(lambda: _is_gone(place), "the policy to go")
    assert (await place.spec(DEPLOYMENTS, "chat"))["replicas"] == 4


async def test_a_persons_change_wins_and_is_told(place: Place) -> None:
    await place.deployment("chat", 4)
    await place.policy()
    await place.advise(200, {"Deployment/chat": 2})
    async with running(place):
        await place.until(lambda: _replicas(place, "chat", 2), "the ceiling")
        await place.client.patch(DEPLOYMENTS, "chat", {"spec": {"replicas": 5}}, place.namespace)
        await place.until(lambda: _told(place, "ChangedByOther"), "the Event")
        await place.advise(100, {"Deployment/chat": 1})  # a new shortage of the same episode
        await place.until(lambda: _told(place, "somebody else changed"), "the second word")
        assert (await place.spec(DEPLOYMENTS, "chat"))["replicas"] == 5
        await place.advise(900, {"Deployment/chat": 9})
        await place.until(lambda: _unnoted(place, "chat"), "the end of the shortage")
        await place.advise(300, {"Deployment/chat": 3})
        await place.until(lambda: _replicas(place, "chat", 3), "the next ceiling")


@pytest.mark.parametrize("paused", ["policy", "namespace"])
async def test_a_pause_keeps_everything_as_it_is(place: Place, paused: str) -> None:
    from common.api.core import NAMESPACES

    await place.deployment("chat", 4)
    await place.policy()
    await place.advise(200, {"Deployment/chat": 2})
    pause = {"metadata": {"annotations": {"climatik.io/pause": "true"}}}
    async with running(place):
        await place.until(lambda: _replicas(place, "chat", 2), "the ceiling")
        if paused == "policy":
            await place.client.patch(POLICIES, "cap", pause, place.namespace)
        else:
            await place.client.patch(NAMESPACES, place.namespace, pause)
        await place.deployment("other", 2)
        await place.advise(100, {"Deployment/chat": 1, "Deployment/other": 1})
        unpause = {"metadata": {"annotations": {"climatik.io/pause": None}}}
        with pytest.raises(AssertionError):
            await place.until(lambda: _replicas(place, "chat", 1), "a change under the pause", seconds=2)
        if paused == "policy":
            await place.client.patch(POLICIES, "cap", unpause, place.namespace)
        else:
            await place.client.patch(NAMESPACES, place.namespace, unpause)
        await place.until(lambda: _replicas(place, "chat", 1), "the ceiling after the pause")


async def test_nothing_is_done_on_stale_telemetry(place: Place) -> None:
    await place.deployment("chat", 4)
    await place.policy()
    await place.advise(200, {"Deployment/chat": 2}, stale=True)
    async with running(place):
        await place.until(lambda: _told(place, "TelemetryStale"), "the Event")
        assert (await place.spec(DEPLOYMENTS, "chat"))["replicas"] == 4
        await place.advise(200, {"Deployment/chat": 2})
        await place.until(lambda: _replicas(place, "chat", 2), "the ceiling")


async def test_two_policies_never_bound_the_same_count(place: Place) -> None:
    await place.deployment("chat", 4)
    await place.policy("first")
    await place.advise(200, {"Deployment/chat": 2}, policy="first")
    async with running(place):
        await place.until(lambda: _replicas(place, "chat", 2), "the ceiling")
        await place.policy("second")
        await place.advise(100, {"Deployment/chat": 1}, policy="second")
        await place.until(lambda: _told(place, f"policy {place.namespace}/first bounds"), "the refusal")
        assert (await place.spec(DEPLOYMENTS, "chat"))["replicas"] == 2
        await place.client.delete(POLICIES, "first", place.namespace)
        await place.until(lambda: _replicas(place, "chat", 1), "the second policy's turn")
        note = str(await place.note(DEPLOYMENTS, "chat"))
        assert '"original":4' in note


async def _replicas(place: Place, name: str, count: int) -> bool:
    return (await place.spec(DEPLOYMENTS, name)).get("replicas") == count


async def _count(place: Place, count: int) -> bool:
    return (await place.spec(STATEFUL_SETS, "index")).get("replicas") == count


async def _unnoted(place: Place, name: str) -> bool:
    return await place.note(DEPLOYMENTS, name) is None


async def _told(place: Place, words: str) -> bool:
    return any(words in one for one in await place.reasons())


async def _is_let_go(place: Place) -> bool:
    return FINALIZER_RELEASE not in (await place.the_policy()).metadata.finalizers


async def _is_gone(place: Place) -> bool:
    try:
        await place.the_policy()
    except NotFound:
        return True
    return False
