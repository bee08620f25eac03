"""A HorizontalPodAutoscaler that only its user made: its maximum is bounded, never under its minimum."""

from __future__ import annotations

from typing import Any

from common.api.apps import DEPLOYMENTS
from common.api.autoscaling import HPAS

from .conftest import Place, running


async def test_the_maximum_is_bounded_down_to_the_minimum(place: Place) -> None:
    await place.deployment("chat", 5)
    await _autoscaler(place, "chat", "chat", 2)
    await place.policy()
    await place.advise(100, {"Deployment/chat": 1})
    async with running(place):
        await place.until(lambda: _maximum(place, "chat", 2), "the ceiling")
        await place.until(lambda: _pods(place, 2), "the pods")
        assert await place.note(DEPLOYMENTS, "chat") is None
        await place.advise(1000, {"Deployment/chat": 10})
        await place.until(lambda: _maximum(place, "chat", 8), "the original")


async def test_two_autoscalers_of_one_target_are_left_alone(place: Place) -> None:
    await place.deployment("chat", 3)
    for name in ("one", "two"):
        await _autoscaler(place, name, "chat", 1)
    await place.policy()
    await place.advise(100, {"Deployment/chat": 1})
    async with running(place):
        await place.until(lambda: _told(place, "SeveralScalers"), "the refusal")
        assert await _maximum(place, "one", 8)
        assert await _maximum(place, "two", 8)


async def test_only_named_targets_are_bounded(place: Place) -> None:
    for name in ("chat", "code"):
        await place.deployment(name, 3)
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "chat"}
    await place.policy(scaleTargetRefs=[target])
    await place.advise(200, {"Deployment/chat": 1, "Deployment/code": 1})
    async with running(place):
        await place.until(lambda: _told(place, "NotATarget"), "the refusal")
        await place.until(lambda: _replicas(place, "chat", 1), "the ceiling")
        assert await _replicas(place, "code", 3)


async def _autoscaler(place: Place, name: str, target: str, minimum: int) -> None:
    spec: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
        "minReplicas": minimum,
        "maxReplicas": 8,
    }
    await place.client.create(HPAS, {"metadata": {"name": name}, "spec": spec}, place.namespace)


async def _maximum(place: Place, name: str, count: int) -> bool:
    return (await place.spec(HPAS, name))["maxReplicas"] == count


async def _replicas(place: Place, name: str, count: int) -> bool:
    return (await place.spec(DEPLOYMENTS, name))["replicas"] == count


async def _pods(place: Place, count: int) -> bool:
    return await place.pods("chat") == count


async def _told(place: Place, words: str) -> bool:
    return any(words in one for one in await place.reasons())
