"""Simulated time follows the clock in fixed steps and makes up for delays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from common.clock import SystemClock
from deploy.local.machine_room.pace import Pacer


class HandClock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("elapsed", "steps"), [(0.0, 0), (0.019, 0), (0.02, 1), (0.1, 5), (3.0, 150)])
def test_every_due_step_is_made_once(elapsed: float, steps: int) -> None:
    clock, made = HandClock(), []
    pacer = Pacer(made.append, 0.02, clock)
    clock.seconds += elapsed
    pacer.catch_up()
    pacer.catch_up()
    assert made == [0.02] * steps


@pytest.mark.looptime
async def test_it_runs_in_real_time() -> None:
    made: list[float] = []
    pacer = Pacer(made.append, 0.02, SystemClock())
    task = asyncio.create_task(pacer.run())
    await asyncio.sleep(2.0)
    task.cancel()
    assert len(made) == pytest.approx(100, abs=1)
