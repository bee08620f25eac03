"""Mean draw from energy counters: exact over the interval, unlike a sampled sensor."""

from __future__ import annotations


class EnergyMeter:
    """Turns readings of one energy counter into mean watts over at least ``interval_seconds``."""

    def __init__(self, interval_seconds: float, range_millijoules: int = 0) -> None:
        self.watts: float | None = None
        self._interval_seconds = interval_seconds
        self._range = range_millijoules
        self._from: tuple[float, int] | None = None

    def add(self, energy_millijoules: int, now: float) -> None:
        """Takes one reading; a counter that went back has wrapped, or, where it never wraps, was reset."""
        if self._from is None:
            self._from = (now, energy_millijoules)
            return
        since, before = self._from
        elapsed = now - since
        if elapsed < self._interval_seconds:
            return
        gained = energy_millijoules - before
        if gained < 0 and self._range:
            gained += self._range
        if gained >= 0:
            self.watts = gained / 1000.0 / elapsed
        self._from = (now, energy_millijoules)
