"""Mean draw between two looks at an energy counter that starts again at zero."""

from __future__ import annotations

from collections.abc import Callable

SHORTEST_SECONDS = 0.02
"""RAPL's counters move once a millisecond: over less than this the step is more than 5 % of the difference."""


class EnergyCounter:
    """A counter in microjoules, and the draw since it was last looked at.

    Args:
        counter: Reads the counter.
        range_microjoules: Where it starts again at zero; 0 where it never does. It must be looked at more
            often than it goes round, which takes a package at full draw some minutes.
        clock: Monotonic seconds.
        pause: Waits, before a first reading that comes too early.
    """

    def __init__(
        self,
        counter: Callable[[], int],
        range_microjoules: int,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._counter = counter
        self._range = range_microjoules
        self._clock = clock
        self._pause = pause
        self._watts: float | None = None
        self._since = clock()
        self._before = counter()

    def read(self) -> tuple[float, int]:
        """Returns mean watts since the last look that was long enough ago, and the counter."""
        early = SHORTEST_SECONDS - (self._clock() - self._since)
        if early > 0 and self._watts is None:
            self._pause(early)
        now, counter = self._clock(), self._counter()
        if now - self._since >= SHORTEST_SECONDS or self._watts is None:
            self._watts = self._gained(counter) / 1e6 / max(now - self._since, SHORTEST_SECONDS)
            self._since, self._before = now, counter
        return self._watts, counter

    def _gained(self, counter: int) -> int:
        gained = counter - self._before
        return gained + self._range if gained < 0 and self._range else max(gained, 0)
