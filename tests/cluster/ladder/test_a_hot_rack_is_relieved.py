"""A rack over its cap: a pod moves to the cool one, led by the webhook to the place that is kept for it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.api.core import NODES, PODS
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import rfc3339
from common.api.places import read_places
from common.api.policy import POLICIES
from common.kube.errors import NotFound
from tests.cluster.admission.objects import create, node
from tests.cluster.in_process import working

from .conftest import REPLICAS, Arena, running

HOT_DRAW, HOT_CAP, COOL_HEADROOM = 2_100, 2_000, 5_000


@pytest.fixture
async def racks(arena: Arena, pool: str) -> AsyncIterator[tuple[str, str]]:
    """Two domains with a node each; the arena's pods run in the first one."""
    tag = uuid.uuid4().hex[:6]
    hot, cool = f"hot-{tag}", f"cool-{tag}"
    arena.cluster.kubectl(
        "label", "node", pool, f"rack={hot}", f"kubernetes.io/hostname={pool}", "--overwrite"
    )
    await arena.make_policy()
    levers = {"levers": ["Migrate"], "updateMode": "Auto"}
    patch = {"spec": {"updatePolicy": levers, "powerCapLimit": 5_000}}
    await arena.client.patch(POLICIES, "cap", patch, arena.namespace)
    arena.cap_watts = 5_000
    await arena.make_workloads()
    body = node(cool, pool, 20_000)
    body["metadata"]["labels"] |= {"rack": cool, "kubernetes.io/hostname": cool}
    create(arena.cluster, body)
    for name, mode in ((hot, "Auto"), (cool, "Off")):
        spec = {
            "capWatts": HOT_CAP,
            "nodeSelector": {"matchLabels": {"rack": name}},
            "updatePolicy": {"updateMode": mode},
        }
        await arena.client.create(POWER_DOMAINS, {"metadata": {"name": name}, "spec": spec})
    observed = {hot: (HOT_DRAW, HOT_CAP - HOT_DRAW), cool: (0, COOL_HEADROOM)}
    try:
        async with working(_observe(arena, observed)):
            yield hot, cool
    finally:
        for name in (hot, cool):
            await arena.client.patch(POWER_DOMAINS, name, {"metadata": {"finalizers": None}})
            await arena.client.delete(POWER_DOMAINS, name)
        for name in (pool, cool):  # no agent gives them back
            with contextlib.suppress(NotFound):
                await arena.client.patch(NODE_FREQUENCIES, name, {"metadata": {"finalizers": None}})
                await arena.client.delete(NODE_FREQUENCIES, name)
        arena.cluster.kubectl("delete", "node", cool, "--wait=false")
        arena.cluster.kubectl("label", "node", pool, "rack-")


async def test_it_is(arena: Arena, webhook: object, racks: tuple[str, str]) -> None:
    hot, cool = racks
    async with running(arena, cluster_disruptions=1):
        await arena.until(lambda: _moved(arena), "a move", 60)
        await arena.until(lambda: _tainted(arena, arena.pool), "the taint of the hot rack", 20)
    pods = [pod for pod in (await arena.pods()) if not pod.metadata.deletion_timestamp]
    (moved,) = [pod for pod in pods if pod.spec.node_name == cool]
    assert moved.metadata.labels["app"] == "small"
    assert len(pods) == sum(REPLICAS.values())
    policy = await arena.client.get(POLICIES, "cap", arena.namespace)
    assert read_places(policy) == {}
    assert (await arena.client.list(PODS, "climatik-places")).items == []
    (decision,) = [one for one in (await arena.record()).decisions if one.verdict == "Taken"]
    assert (decision.rung, decision.subject) == ("MIGRATE", f"domain/{hot}")
    assert await _tainted(arena, arena.pool)
    assert not await _tainted(arena, cool)


async def _moved(arena: Arena) -> bool:
    return any(one.reason == "Migrated" for one in (await arena.record()).decisions)


async def _tainted(arena: Arena, name: str) -> bool:
    found = await arena.client.get(NODES, name)
    return any(taint.key == "climatik.io/hot" for taint in found.spec.taints)


async def _observe(arena: Arena, figures: dict[str, tuple[int, int]]) -> None:
    """Speaks for the recommender: draw and headroom of each domain."""
    while True:
        for name, (draw, headroom) in figures.items():
            observed: dict[str, Any] = {
                "nodes": 1, "powerWatts": draw, "headroomWatts": headroom, "forecastWatts": draw,
                "lastUpdated": rfc3339(datetime.now(UTC) + timedelta(seconds=1)),
            }  # fmt: skip
            fresh = {
                "type": "TelemetryStale", "status": "False", "reason": "Fresh", "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }  # fmt: skip
            body = {"metadata": {"name": name}, "status": {"observed": observed, "conditions": [fresh]}}
            with contextlib.suppress(NotFound):
                await arena.client.apply(POWER_DOMAINS, body, field_manager="speaker", subresource="status")
        await asyncio.sleep(0.5)
