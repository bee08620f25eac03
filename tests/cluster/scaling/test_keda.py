"""Three services scaled by real KEDA under one cap that is cut, shifted and released; zero by a pause."""

from __future__ import annotations

import asyncio

from common.api.autoscaling import SCALED_OBJECTS
from deploy.local.keda import Keda
from recommender.logic.replica_shares import Scalable, share_out

from .conftest import EACH_WATTS, Place, running
from .services import Draw, has_autoscaler, load, scaled

SERVICES = ("chat", "code", "search")
PAUSED = "autoscaling.keda.sh/paused-replicas"


async def test_the_sum_stays_under_the_cap_through_cut_shift_and_release(place: Place, keda: Keda) -> None:
    for name in SERVICES:
        await scaled(place, name)
    before = {name: await place.spec(SCALED_OBJECTS, name) for name in SERVICES}
    await place.policy()
    await _advise(place, 1800)
    place.background.append(asyncio.create_task(load(place.client, place.namespace)))
    draw = Draw(place)
    async with running(place):
        await place.until(lambda: _drawn(draw, 1800), "the full draw")
        await _advise(place, 900)
        await place.until(lambda: _drawn(draw, 900), "the draw under the cut")
        assert await _maxima(place) == [3, 3, 3]

        draw.begin()
        await place.advise(900, {"Deployment/chat": 1, "Deployment/code": 4, "Deployment/search": 4})
        await place.until(lambda: _are(place, [1, 4, 4]), "the shifted ceilings")
        await place.until(lambda: _counts(place, [1, 4, 4]), "the shifted pods")
        assert draw.highest_watts <= 900

        draw.begin()
        await place.advise(1800, dict.fromkeys((f"Deployment/{name}" for name in SERVICES), 6))
        await place.until(lambda: _drawn(draw, 1800), "the draw after the release")
        assert draw.highest_watts <= 1800
        assert {name: await place.spec(SCALED_OBJECTS, name) for name in SERVICES} == before
        assert [await place.note(SCALED_OBJECTS, name) for name in SERVICES] == [None] * 3


async def test_zero_is_a_pause_and_the_floor_of_another_is_kept(place: Place, keda: Keda) -> None:
    await scaled(place, "chat", replicas=3)
    await scaled(place, "code", replicas=3, minReplicaCount=2)
    await place.policy(updatePolicy={"updateMode": "Auto", "levers": ["Scale"], "minReplicas": 0})
    await place.advise(200, {"Deployment/chat": 0, "Deployment/code": 0})
    async with running(place):
        await place.until(lambda: _pod_counts(place, ["chat", "code"], [0, 2]), "the pause")
        chat = await place.client.get(SCALED_OBJECTS, "chat", place.namespace)
        assert chat.metadata.annotations[PAUSED] == "0"
        assert chat.spec.max_replica_count == 6
        assert (await place.spec(SCALED_OBJECTS, "code"))["maxReplicaCount"] == 2
        # A service without pods has no advice any more; once there is room, it comes back by itself.
        await place.advise(1200, {"Deployment/code": 6})
        await place.until(lambda: _unpaused(place, "chat"), "the end of the pause")
        await place.until(lambda: has_autoscaler(place, "chat"), "the HPA")
        assert await place.note(SCALED_OBJECTS, "chat") is None


async def _advise(place: Place, cap_watts: int) -> None:
    """Advises what the recommender would for the pods that run now."""
    workloads = [Scalable(f"Deployment/{name}", await place.pods(name), EACH_WATTS) for name in SERVICES]
    ceilings = share_out(cap_watts, workloads, 1, spare=True)
    await place.advise(cap_watts, {w.workload: c for w, c in zip(workloads, ceilings, strict=True)})


async def _drawn(draw: Draw, watts: int) -> bool:
    return draw.watts == watts


async def _maxima(place: Place) -> list[int]:
    return [(await place.spec(SCALED_OBJECTS, name))["maxReplicaCount"] for name in SERVICES]


async def _are(place: Place, maxima: list[int]) -> bool:
    return await _maxima(place) == maxima


async def _counts(place: Place, counts: list[int]) -> bool:
    return await _pod_counts(place, list(SERVICES), counts)


async def _pod_counts(place: Place, names: list[str], counts: list[int]) -> bool:
    return [await place.pods(name) for name in names] == counts


async def _unpaused(place: Place, name: str) -> bool:
    found = await place.client.get(SCALED_OBJECTS, name, place.namespace)
    return PAUSED not in found.metadata.annotations
