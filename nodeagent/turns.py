"""When the control loop turns: at its period, or at once when somebody sets it going."""

from __future__ import annotations

import asyncio


class Turns:
    """One waiter, who is woken by a time or by ``set``; a fraction of what an event and a timeout cost."""

    def __init__(self) -> None:
        self._is_set = False
        self._waiter: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Ends the present wait, or the next one where there is none."""
        self._is_set = True
        if self._waiter is not None:
            _end(self._waiter)

    def take(self) -> bool:
        """Whether it was set since this was last asked."""
        is_set, self._is_set = self._is_set, False
        return is_set

    async def wait(self, seconds: float) -> None:
        """Waits so long, or until it is set."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(0.0 if self._is_set else seconds, _end, self._waiter)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None


def _end(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
