"""A breach stands, and yet no pod is stopped: the webhook is down, hangs, or what it does does not arrive."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.cluster.admission.webhook import running as running_webhook

from .conftest import Arena, running

A_FEW_ROUNDS = 2.0


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGSTOP], ids=["down", "hanging"])
async def test_the_webhook_is(arena: Arena, tmp_path: Path, signal_: signal.Signals) -> None:
    with running_webhook(arena.cluster, tmp_path) as own:
        await arena.make_policy()
        await arena.make_workloads()
        own.process.send_signal(signal_)
        async with running(arena):
            await arena.until_refused("WebhookUnavailable")
            await asyncio.sleep(A_FEW_ROUNDS)
        own.process.send_signal(signal.SIGCONT)
    assert await arena.evicted() == []


async def test_the_webhook_answers_but_its_marks_do_not_arrive(arena: Arena, tmp_path: Path) -> None:
    arena.cluster.kubectl("delete", "mutatingwebhookconfigurations", "climatik", "--ignore-not-found")
    await asyncio.sleep(1.0)
    await arena.make_policy()
    await arena.make_workloads()
    with running_webhook(arena.cluster, tmp_path):
        async with running(arena, evict_unreserved=True):
            await arena.until_refused("WebhookWithoutEffect")
            await asyncio.sleep(A_FEW_ROUNDS)
    assert await arena.evicted() == []
