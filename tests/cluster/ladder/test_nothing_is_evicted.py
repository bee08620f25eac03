"""A breach stands, and yet no pod is stopped: whatever the gate is for."""

from __future__ import annotations

import asyncio

from common.api.core import NAMESPACES
from common.api.policy import POLICIES

from .conftest import HOME, Arena, running

A_FEW_ROUNDS = 1.5


async def test_not_by_mode_nor_pause_nor_stale_telemetry(arena: Arena, webhook: object) -> None:
    """One state after the other, each entered before the last one is left; then nothing is in the way."""
    await arena.make_policy("Off")
    await arena.make_workloads()
    async with running(arena):
        await asyncio.sleep(2 * A_FEW_ROUNDS)
        await _set_mode(arena, "Initial")
        await asyncio.sleep(2 * A_FEW_ROUNDS)
        await _pause(arena, "cap", "true", arena.namespace)
        await _set_mode(arena, "Auto")
        await _expect_refusal(arena, "PolicyPaused")
        await _pause(arena, arena.namespace, "true")
        await _pause(arena, "cap", None, arena.namespace)
        await _expect_refusal(arena, "NamespacePaused")
        try:
            await _pause(arena, HOME, "true")
            await _pause(arena, arena.namespace, None)
            await _expect_refusal(arena, "ClusterPaused")
            arena.stale = True
            await _expect_refusal(arena, "TelemetryStale")
        finally:
            await _pause(arena, HOME, None)
        await asyncio.sleep(A_FEW_ROUNDS)
        assert await arena.evicted() == []


async def test_not_when_everything_restarts_at_once(arena: Arena, webhook: object) -> None:
    """Advice and breach of before the restart stand in the API server; nobody has measured since."""
    await arena.make_policy()
    await arena.make_workloads()
    arena.silent = True
    await asyncio.sleep(2.5)
    async with running(arena):
        await _expect_refusal(arena, "AdviceBeforeTerm")
    async with running(arena, warm_up_seconds=60.0):
        await asyncio.sleep(A_FEW_ROUNDS)
        arena.silent = False
        await _expect_refusal(arena, "WarmingUp")
    assert await arena.evicted() == []


async def _expect_refusal(arena: Arena, reason: str) -> None:
    await arena.until_refused(reason)
    await asyncio.sleep(A_FEW_ROUNDS)
    assert await arena.evicted() == []


async def _set_mode(arena: Arena, mode: str) -> None:
    update = {"updateMode": mode, "levers": ["Evict"] if mode == "Auto" else None}
    await arena.client.patch(POLICIES, "cap", {"spec": {"updatePolicy": update}}, arena.namespace)


async def _pause(arena: Arena, name: str, value: str | None, namespace: str = "") -> None:
    patch = {"metadata": {"annotations": {"climatik.io/pause": value}}}
    await arena.client.patch(POLICIES if namespace else NAMESPACES, name, patch, namespace)
