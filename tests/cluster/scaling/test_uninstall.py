"""Uninstall gives back every count and lets go of every policy, whatever they say."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from actuator.app import Actuator
from common.api.apps import DEPLOYMENTS
from common.api.names import FINALIZER_RELEASE
from common.service.app import Service

from .conftest import Place, running


async def test_counts_are_given_back_and_policies_let_go(place: Place) -> None:
    for name in ("chat", "code"):
        await place.deployment(name, 4)
    before = {name: await place.spec(DEPLOYMENTS, name) for name in ("chat", "code")}
    await place.policy()
    await place.advise(300, {"Deployment/chat": 2, "Deployment/code": 1})
    async with running(place):
        await place.until(lambda: _counts(place, [2, 1]), "the ceilings")
    settings = replace(place.settings, release_all=True, release_deadline_seconds=5.0)
    actuator = Actuator(Service("actuator", settings), settings)
    await asyncio.wait_for(actuator.run(), 60)
    assert {name: await place.spec(DEPLOYMENTS, name) for name in ("chat", "code")} == before
    assert [await place.note(DEPLOYMENTS, name) for name in ("chat", "code")] == [None, None]
    assert FINALIZER_RELEASE not in (await place.the_policy()).metadata.finalizers


async def _counts(place: Place, counts: list[int]) -> bool:
    return [(await place.spec(DEPLOYMENTS, name))["replicas"] for name in ("chat", "code")] == counts
