"""Mean draw between two looks at an energy counter that starts again at zero."""

from __future__ import annotations

from collections.abc import Callable

SHORTEST_SECONDS = 0.02
"""RAPL's counters move once a millisecond: over less than this a step is over 5 % of the gain."""


class EnergyCounter:
    """A counter in microjoules, and the draw since it was last looked at.

    Args:
        counter: Reads the counter.
        range_microjoules: Where it starts again at zero; 0 where it never does. It must be looked at more
            often than it goes round, which takes a package at full draw some minutes.
        clock: Monotonic seconds.
        pause: Waits, between the two looks of the first reading.
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
        self._last: tuple[float, int] | None = None
        self._watts = 0.0

    def read(self) -> tuple[float, int]:
        """Returns mean watts since the last look that was long enough ago, and the counter."""
        if self._last is None:
            self._last = (self._clock(), self._counter())
            self._pause(2 * SHORTEST_SECONDS)
        since, before = self._last
        now, counter = self._clock(), self._counter()
        if now - since >= SHORTEST_SECONDS:
            self._watts = self._gained(before, counter) / 1e6 / (now - since)
            self._last = (now, counter)
        return self._watts, counter

    def _gained(self, before: int, counter: int) -> int:
        gained = counter - before
        return gained + self._range if gained < 0 and self._range else max(gained, 0)
