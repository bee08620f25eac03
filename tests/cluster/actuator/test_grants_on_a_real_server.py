"""Plans become grants, a cut is obeyed, and Off gives everything back, on the real API server."""

from __future__ import annotations

from common.api.domain import POWER_DOMAINS
from common.api.meta import find_condition
from common.api.names import FINALIZER_RELEASE
from common.kube.errors import NotFound

from .conftest import Scene, running

AUTO = {"updateMode": "Auto"}


async def test_plans_become_grants_and_a_cut_is_obeyed(scene: Scene) -> None:
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy=AUTO)
    async with running(scene):
        await scene.until(lambda: _have_base(scene, 300), "the bases")
        await scene.plan([1400, 900, 700])
        await scene.until(lambda: _are(scene, [1400, 900, 700]), "the plan's grants")
        scene.agents.sums.clear()
        await scene.plan([700, 900, 1400])
        await scene.until(lambda: _are(scene, [700, 900, 1400]), "the moved grants")
        assert max(scene.agents.sums) <= 3000
        await scene.patch_domain(capWatts=1500)
        await scene.until(lambda: _sum_at_most(scene, 1500), "the cut")
        await scene.until(lambda: _granted_cap_is(scene, 1500), "G to fall")
        domain = await scene.client.get(POWER_DOMAINS, scene.tag)
        condition = find_condition(domain.status.conditions, "Enforced")
        assert condition is not None
        assert domain.status.enforcement is not None
        assert domain.status.enforcement.effective_cap_watts == 1500
        await scene.patch_domain(updatePolicy={"updateMode": "Off"})
        await scene.until(lambda: _are(scene, [-1, -1, -1]), "the release")
        assert scene.agents.limits == dict.fromkeys(scene.nodes, 2000)
        await scene.until(lambda: _is_free(scene), "the finalizer to go")


async def test_a_silent_node_keeps_its_reserve(scene: Scene) -> None:
    await scene.make_domain(capWatts=3000, minimumCapWatts=600, updatePolicy=AUTO)
    async with running(scene):
        await scene.plan([1600, 700, 700])
        await scene.until(lambda: _are(scene, [1600, 700, 700]), "the grants")
        scene.agents.silent.add(scene.nodes[0])
        await scene.plan([600, 1200, 1200])
        await scene.until(lambda: _is(scene, 0, 600), "the lower grant in spec")
        await scene.until(lambda: _heartbeats(scene), "a heartbeat")
        assert (await scene.grants())[1:] == [700, 700]
        scene.agents.silent.clear()
        await scene.until(lambda: _are(scene, [600, 1200, 1200]), "the raises after the confirmation")


async def test_a_successor_takes_over_where_the_leader_stopped(scene: Scene) -> None:
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy=AUTO)
    await scene.plan([1400, 900, 700])
    async with running(scene):
        await scene.until(lambda: _are(scene, [1400, 900, 700]), "the first leader's grants")
    (before,) = await _epochs(scene)
    await scene.plan([700, 900, 1400])
    async with running(scene):
        await scene.until(lambda: _are(scene, [700, 900, 1400]), "the second leader's grants")
    (after,) = await _epochs(scene)
    assert after > before


async def test_deleting_a_domain_waits_for_the_nodes(scene: Scene) -> None:
    await scene.make_domain(capWatts=6000, minimumCapWatts=900, updatePolicy=AUTO)
    async with running(scene):
        await scene.until(lambda: _have_base(scene, 300), "the bases")
        scene.agents.silent.add(scene.nodes[0])
        await scene.client.delete(POWER_DOMAINS, scene.tag)
        await scene.until(lambda: _are_but_first(scene, -1), "the others' release")
        held = await scene.client.get(POWER_DOMAINS, scene.tag)
        assert held.metadata.deletion_timestamp
        assert held.metadata.finalizers == [FINALIZER_RELEASE]
        scene.agents.silent.clear()
        await scene.until(lambda: _is_gone(scene), "the domain to go")
        assert await scene.objects() == []


async def _have_base(scene: Scene, watts: int) -> bool:
    budgets = [i.spec.power_budget for i in await scene.objects()]
    return len(budgets) == len(scene.nodes) and all(b is not None and b.base_watts == watts for b in budgets)


async def _epochs(scene: Scene) -> set[int]:
    return {i.spec.power_budget.leader_epoch for i in await scene.objects() if i.spec.power_budget}


async def _are(scene: Scene, watts: list[int]) -> bool:
    return await scene.grants() == watts and all(
        i.spec.power_budget is None
        or (i.status.power_budget and i.status.power_budget.sequence == i.spec.power_budget.sequence)
        for i in await scene.objects()
    )


async def _are_but_first(scene: Scene, watts: int) -> bool:
    return all(grant == watts for grant in (await scene.grants())[1:])


async def _is(scene: Scene, index: int, watts: int) -> bool:
    return (await scene.grants())[index] == watts


async def _sum_at_most(scene: Scene, watts: int) -> bool:
    return sum(scene.agents.limits.values()) <= watts


async def _granted_cap_is(scene: Scene, watts: int) -> bool:
    enforcement = (await scene.client.get(POWER_DOMAINS, scene.tag)).status.enforcement
    return enforcement is not None and enforcement.granted_cap_watts == watts


async def _heartbeats(scene: Scene) -> bool:
    return (await scene.client.get(POWER_DOMAINS, scene.tag)).status.enforcement is not None


async def _is_free(scene: Scene) -> bool:
    return not (await scene.client.get(POWER_DOMAINS, scene.tag)).metadata.finalizers


async def _is_gone(scene: Scene) -> bool:
    try:
        await scene.client.get(POWER_DOMAINS, scene.tag)
    except NotFound:
        return True
    return False
