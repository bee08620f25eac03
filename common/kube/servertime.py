"""How far the API server's clock is from ours, from the ``Date`` header of its answers."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from common.clock import Clock

DRIFT = 2e-4
"""How much two machines' clocks may run apart, in seconds per second (quartz stays under 1e-4 each)."""


class ServerTime:
    """Bounds the offset (server minus local, in seconds) from below and above.

    ``Date`` is cut to whole seconds. An answer that says D to a request sent at t0 and answered at t1
    (local time) therefore proves that the offset lies in ``(D - t1, D + 1 - t0)``. Intersecting these
    intervals narrows it well below a second; a slow answer gives a wide interval, which does no harm. Between
    answers the bounds widen by :data:`DRIFT`. An interval that contradicts the bounds means that a
    clock was set: it replaces them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._low = float("-inf")
        self._high = float("inf")
        self._updated = clock.monotonic()

    @property
    def offset_seconds(self) -> float:
        """Server time minus local wall time: the middle of the bounds; 0.0 until an answer came."""
        return (self._low + self._high) / 2 if self.known else 0.0

    @property
    def uncertainty_seconds(self) -> float:
        """How far off :attr:`offset_seconds` may be at most; infinite until an answer came."""
        return (self._high - self._low) / 2 if self.known else float("inf")

    @property
    def known(self) -> bool:
        """Whether any answer with a date has arrived."""
        return self._high != float("inf")

    def observe(self, date: str, sent: datetime, received: datetime) -> None:
        """Takes in one answer.

        Args:
            date: The ``Date`` header; anything that is not a date is ignored.
            sent: Local wall time just before the request was sent.
            received: Local wall time just after the head of the answer arrived.
        """
        stamp = _timestamp(date)
        if stamp is None or received < sent:
            return
        low, high = stamp - received.timestamp(), stamp + 1.0 - sent.timestamp()
        slack = self._slack()
        kept_low, kept_high = max(low, self._low - slack), min(high, self._high + slack)
        self._low, self._high = (kept_low, kept_high) if kept_low < kept_high else (low, high)

    def _slack(self) -> float:
        now = self._clock.monotonic()
        elapsed, self._updated = now - self._updated, now
        return max(elapsed, 0.0) * DRIFT


def _timestamp(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None
