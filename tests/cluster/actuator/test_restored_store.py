"""After a restore nothing that was confirmed before counts, on the real API server."""

from __future__ import annotations

from common.api.domain import POWER_DOMAINS
from common.api.meta import rfc3339
from common.clock import SystemClock

from .conftest import Scene, running

AUTO = {"updateMode": "Auto"}
GRANTS = [1400, 900, 700]


async def test_a_silent_node_counts_in_full_until_it_has_confirmed_anew(scene: Scene) -> None:
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy=AUTO)
    await scene.plan(GRANTS)
    async with running(scene):
        await scene.until(lambda: _are(scene, GRANTS), "the grants")
    before = max(await _sequences(scene))
    noted = {"metadata": {"annotations": {"climatik.io/restored-at": rfc3339(SystemClock().now())}}}
    await scene.client.patch(POWER_DOMAINS, scene.tag, noted)
    scene.agents.silent.add(scene.nodes[0])
    async with running(scene):
        await scene.until(
            lambda: _others_have_at_most(scene, 1000), "the others under what its nameplate leaves"
        )
        budget = next(i.spec.power_budget for i in await scene.objects() if i.name == scene.nodes[0])
        assert budget is not None
        assert (budget.grant_watts, budget.reserved_watts) == (300, 2000)
        assert min(await _sequences(scene)) > 10**15 > before
        scene.agents.silent.clear()
        await scene.until(lambda: _are(scene, GRANTS), "the grants after all have confirmed")
    assert sum(scene.agents.limits.values()) == 3000


async def _sequences(scene: Scene) -> list[int]:
    return [i.spec.power_budget.sequence for i in await scene.objects() if i.spec.power_budget]


async def _are(scene: Scene, watts: list[int]) -> bool:
    return await scene.grants() == watts and await _all_confirmed(scene)


async def _others_have_at_most(scene: Scene, watts: int) -> bool:
    anew = min(await _sequences(scene)) > 10**15 and await _all_confirmed(scene, but=scene.nodes[0])
    return anew and sum((await scene.grants())[1:]) <= watts


async def _all_confirmed(scene: Scene, but: str = "") -> bool:
    return all(
        i.spec.power_budget is not None
        and i.status.power_budget is not None
        and i.status.power_budget.sequence == i.spec.power_budget.sequence
        for i in await scene.objects()
        if i.name != but
    )
