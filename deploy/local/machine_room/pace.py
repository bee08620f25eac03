"""Real time in fixed steps: simulated time follows the clock, and catches up after any delay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from common.clock import Clock


class Pacer:
    """Steps a simulation so that it is never ahead of the clock, and behind it by less than one step."""

    def __init__(self, step: Callable[[float], None], step_seconds: float, clock: Clock) -> None:
        self._step = step
        self._step_seconds = step_seconds
        self._clock = clock
        self._started_at = clock.monotonic()
        self.steps = 0

    def catch_up(self) -> None:
        """Makes every step that is due."""
        due = int((self._clock.monotonic() - self._started_at) / self._step_seconds + 1e-6)
        while self.steps < due:
            self.steps += 1
            self._step(self._step_seconds)

    async def run(self) -> None:
        """Keeps the simulation going until cancelled."""
        while True:
            self.catch_up()
            elapsed = self._clock.monotonic() - self._started_at
            await asyncio.sleep(max(0.001, (self.steps + 1) * self._step_seconds - elapsed))
