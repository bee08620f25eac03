"""Whether the machine went away under a living agent: another boot of its hardware, or a sleep."""

from __future__ import annotations

import time
from collections.abc import Callable

_PERIOD_SECONDS = 1.0
_SLEPT_SECONDS = 1.0
"""Both clocks are read one after the other: less than this is no sleep."""


def slept_seconds() -> float:
    """Returns how long the machine has slept since it was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


class AwakeWatch:
    """Follows boot id and sleep; both are looked at once a second.

    Args:
        boot_id: The boot as first read; empty where the hardware does not say.
        read_boot_id: Reads it again without waiting; None where it never changes under a living agent.
        slept: Seconds that the machine has slept so far.
    """

    def __init__(
        self,
        boot_id: str,
        read_boot_id: Callable[[], str] | None = None,
        slept: Callable[[], float] = slept_seconds,
    ) -> None:
        self.boot_id = boot_id
        self._read_boot_id = read_boot_id
        self._slept = slept
        self._slept_before = slept()
        self._next_at = float("-inf")

    def was_away(self, now: float) -> bool:
        """Whether the machine was away since this was last asked.

        Args:
            now: Monotonic seconds.
        """
        if now < self._next_at:
            return False
        self._next_at = now + _PERIOD_SECONDS
        slept, before = self._slept(), self._slept_before
        self._slept_before = slept
        return self._is_other_boot() or slept - before > _SLEPT_SECONDS

    def _is_other_boot(self) -> bool:
        seen = self._read_boot_id() if self._read_boot_id is not None else self.boot_id
        other = bool(seen) and seen != self.boot_id
        if other:
            self.boot_id = seen
        return other
