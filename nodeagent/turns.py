"""When the control loop turns: at its period, or at once when somebody sets it going."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Turns:
    """Calls one function again and again, after a time or when ``set``.

    From the event loop's own callbacks: to wake a task takes a future and a second pass of the loop, which is
    much ten times a second.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._next: asyncio.Handle | None = None
        self._turn: Callable[[bool], float] | None = None
        self._over: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Makes the next turn come at once; during a turn, or before the first, right after it."""
        if self._is_set:
            return
        self._is_set = True
        if self._next is not None:
            self._next.cancel()
            self._next = asyncio.get_running_loop().call_soon(self._run)

    async def run(self, turn: Callable[[bool], float]) -> None:
        """Turns until cancelled, the first time at once; raises what a turn raises.

        Args:
            turn: Takes whether this was set since the last turn; returns the seconds until the next one.
        """
        loop = asyncio.get_running_loop()
        self._turn, self._over = turn, loop.create_future()
        self._next = loop.call_soon(self._run)
        try:
            await self._over
        finally:
            if self._next is not None:
                self._next.cancel()
            self._next = self._turn = self._over = None

    def _run(self) -> None:
        turn, over = self._turn, self._over
        if turn is None or over is None or over.done():
            return
        self._next = None
        woken, self._is_set = self._is_set, False
        try:
            seconds = turn(woken)
        except Exception as error:
            over.set_exception(error)
            return
        loop = over.get_loop()
        self._next = loop.call_soon(self._run) if self._is_set else loop.call_later(seconds, self._run)
