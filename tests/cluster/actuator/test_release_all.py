"""Uninstall: every node is given back, and what could not be confirmed is named."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from actuator.app import Actuator
from common.api.domain import POWER_DOMAINS
from common.service.app import Service

from .conftest import Scene, running


async def test_release_all_gives_back_what_agents_confirm(scene: Scene) -> None:
    auto = {"updateMode": "Auto"}
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy=auto)
    await scene.plan([1400, 900, 700])
    async with running(scene):
        await scene.until(lambda: _grants_are(scene, [1400, 900, 700]), "the grants")
    scene.agents.silent.add(scene.nodes[1])
    settings = replace(scene.settings, release_all=True, release_deadline_seconds=5.0)
    actuator = Actuator(Service("actuator", settings), settings)
    await asyncio.wait_for(actuator.run(), 40)
    assert actuator.unreleased == [scene.nodes[1]]
    assert [item.name for item in await scene.objects()] == [scene.nodes[1]]
    assert scene.agents.limits[scene.nodes[0]] == 2000
    assert (await scene.client.get(POWER_DOMAINS, scene.tag)).metadata.finalizers == []


async def _grants_are(scene: Scene, watts: list[int]) -> bool:
    return await scene.grants() == watts
