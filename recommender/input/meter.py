"""Reads power again and again, and keeps the last reading for whoever decides."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from common.clock import Clock
from common.telemetry.detect import series_present, spoken
from common.telemetry.dialects import DIALECTS, Dialect
from common.telemetry.errors import TelemetryError
from common.telemetry.prometheus import PowerQueries
from common.telemetry.reading import Reading, read_power

log = logging.getLogger(__name__)

_FIRST_DETECTION_SECONDS = 1.0
NO_PROMETHEUS = "no Prometheus is configured: set --prometheus-url"


class PowerMeter(Protocol):
    """Whatever reads power for the recommender.

    Attributes:
        dialects: Sources that may be read, best first.
        last: The last reading that succeeded; None before the first one.
        problem: Why there is none now, with the remedy; empty after a success.
        origin: What people should know of how power is read; empty where a Prometheus is asked.
    """

    dialects: Sequence[Dialect]
    last: Reading | None
    problem: str
    origin: str

    async def read(self) -> bool:
        """Reads all power once; whether that succeeded. Never raises for what is read."""
        ...


class Meter:
    """One reading at a time; detection now and then.

    Attributes:
        origin: Empty: a Prometheus is the usual way.
        last: The last reading that succeeded; None before the first one.
        problem: Why there is none now, with the remedy; empty after a success.
    """

    def __init__(
        self, prometheus: PowerQueries | None, clock: Clock, detect_seconds: float,
        dialects: Sequence[Dialect] = DIALECTS,
    ) -> None:  # fmt: skip
        self.dialects: Sequence[Dialect] = dialects
        self.origin = ""
        self.last: Reading | None = None
        self.problem = NO_PROMETHEUS if prometheus is None else "power has not been read yet"
        self._prometheus = prometheus
        self._clock = clock
        self._longest_pause_seconds = detect_seconds
        self._pause_seconds = _FIRST_DETECTION_SECONDS
        self._failing = False
        self._present: frozenset[str] = frozenset()
        self._detected_at: float | None = None

    async def read(self) -> bool:
        """Reads all power once; whether that succeeded. Never raises for what Prometheus does."""
        if self._prometheus is None:
            return False
        try:
            self.last = await self._read(self._prometheus)
        except TelemetryError as error:
            if not self._failing:
                log.warning("power cannot be read", extra={"error": str(error)})
            self._failing, self.problem = True, str(error)
            return False
        self._failing = False
        self.problem = "" if self.last.sources else self._nothing()
        return True

    async def _read(self, prometheus: PowerQueries) -> Reading:
        now = self._clock.monotonic()
        if self._detected_at is None or now - self._detected_at >= self._pause_seconds or not self._present:
            await self._detect(prometheus)
            self._detected_at = now
        found = spoken(self._present, self.dialects)
        return await read_power(prometheus, found, self._present, self._clock.now().timestamp(), detail=True)

    async def _detect(self, prometheus: PowerQueries) -> None:
        """Looks for sources: targets are scraped one after the other, so where one is new more may follow."""
        present = await series_present(prometheus, self.dialects)
        paused = _FIRST_DETECTION_SECONDS if present != self._present else 2 * self._pause_seconds
        self._present, self._pause_seconds = present, min(paused, self._longest_pause_seconds)

    def _nothing(self) -> str:
        names = ", ".join(dialect.name for dialect in self.dialects)
        return f"Prometheus has no power series of any known source ({names}): check its targets"
