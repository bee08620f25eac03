"""SIGKILL around writes: a store asks before and after each of them whether its process dies there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class KilledError(BaseException):
    """SIGKILL: nothing that would tidy up runs."""


class Killable:
    """A store whose writes are numbered; ``kill`` is told the number, and whether the write has landed."""

    def __init__(self, kill: Callable[[int, bool], bool] = lambda _number, _landed: False) -> None:
        self.kill = kill
        self.writes = 0

    async def written(self, land: Callable[[], Any]) -> Any:
        number, self.writes = self.writes, self.writes + 1
        if self.kill(number, False):
            raise KilledError
        answer = land()
        if self.kill(number, True):
            raise KilledError
        return answer
