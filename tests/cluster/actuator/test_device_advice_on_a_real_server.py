"""Advice of policies and requests of people become set points, and go away with them."""

from __future__ import annotations

import asyncio

from common.api.frequencies import NODE_FREQUENCIES
from common.api.policy import POLICIES

from .conftest import Scene, running

GPU = "GPU-0000"


async def test_advice_becomes_a_limit_and_goes_with_the_policy(scene: Scene, namespace: str) -> None:
    await _policy(scene, namespace, ["PowerLimit"])
    async with running(scene):
        await scene.until(lambda: _limits(scene, {GPU: 250}), "the limit")
        (item,) = [i for i in await scene.objects() if i.name == scene.nodes[0]]
        assert item.spec.power_budget is None
        assert item.spec.gpu_frequencies == []
        await scene.client.delete(POLICIES, "advice", namespace)
        await scene.until(lambda: _no_objects(scene), "the object to go")


async def test_a_policy_in_its_default_mode_writes_nothing(scene: Scene, namespace: str) -> None:
    await _policy(scene, namespace, ["PowerLimit"], mode="Off")
    async with running(scene):
        await asyncio.sleep(2.0)
        assert await scene.objects() == []


async def test_the_lowest_of_advice_and_request_wins(scene: Scene, namespace: str) -> None:
    await _policy(scene, namespace, ["Frequency"])
    request = {"nodeName": scene.nodes[0], "gpuFrequencies": [{"gpuId": GPU, "targetFrequency": 900}]}
    name = f"{scene.tag}-request"
    await scene.client.create(NODE_FREQUENCIES, {"metadata": {"name": name}, "spec": request})
    async with running(scene):
        await scene.until(lambda: _clocks(scene, {GPU: 900}), "the request's clock")
        (item,) = await scene.objects()
        assert {x.gpu_id: x.target_frequency for x in item.spec.gpu_frequencies} == {GPU: 900}
        await scene.client.delete(NODE_FREQUENCIES, name)
        await scene.until(lambda: _clocks(scene, {GPU: 1200}), "the policy's clock")
        assert [item.name for item in await scene.objects()] == [scene.nodes[0]]


async def _policy(scene: Scene, namespace: str, levers: list[str], mode: str = "Auto") -> None:
    spec = {
        "powerCapLimit": 1000,
        "selector": {"matchLabels": {"app": "any"}},
        "updatePolicy": {"updateMode": mode, "levers": levers},
    }
    await scene.client.create(POLICIES, {"metadata": {"name": "advice"}, "spec": spec}, namespace)
    gpus = [{"gpuId": GPU, "watts": 250, "targetFrequency": 1200}]
    advice = {"nodes": [{"nodeName": scene.nodes[0], "gpus": gpus}]}
    patch = {"status": {"recommendation": advice}}
    await scene.client.patch(POLICIES, "advice", patch, namespace, subresource="status")


async def _limits(scene: Scene, wanted: dict[str, int]) -> bool:
    return any({x.gpu_id: x.watts for x in i.spec.gpu_power_limits} == wanted for i in await scene.objects())


async def _clocks(scene: Scene, wanted: dict[str, int]) -> bool:
    found = [{x.gpu_id: x.target_frequency for x in i.spec.gpu_frequencies} for i in await scene.objects()]
    return wanted in found


async def _no_objects(scene: Scene) -> bool:
    return not await scene.objects()
