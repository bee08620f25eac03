"""Gives the watchdog a sign of life once a second, as long as the control loop turns."""

from __future__ import annotations

import logging
import math

from nodeagent.state.pulse import PulseFile

log = logging.getLogger(__name__)

_PERIOD_SECONDS = 1.0
_MOVED_SECONDS = 0.5
"""A lease that was renewed is told at once: the watchdog must not lower what the agent may keep."""


class Heart:
    """Beats from the control loop itself: a loop that hangs gives no sign of life."""

    def __init__(self, file: PulseFile) -> None:
        self._file = file
        self._next_at = self._lease_ends = float("-inf")
        self._failing = False

    def turned(self, lease_left_seconds: float | None, now: float) -> None:
        """Notes a turn of the control loop.

        Args:
            lease_left_seconds: Until the grant's lease is over; None where there is none.
            now: Monotonic seconds.
        """
        lease_ends = now + (math.inf if lease_left_seconds is None else lease_left_seconds)
        same = lease_ends == self._lease_ends or abs(lease_ends - self._lease_ends) < _MOVED_SECONDS
        if same and now < self._next_at:
            return
        self._next_at, self._lease_ends = now + _PERIOD_SECONDS, lease_ends
        try:
            self._file.beat(lease_left_seconds)
        except OSError as error:
            if not self._failing:
                log.error("no sign of life can be given", extra={"error": str(error)})
            self._failing = True
        else:
            self._failing = False
