"""A source that is asked no more often than needed, and whose last answer outlives its failures."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from common.clock import Clock, SystemClock
from common.grid.errors import GridSourceError, GridUnavailableError
from common.grid.series import GridSeries, Signal
from common.grid.source import GridSource

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CacheSettings:
    """How often to ask.

    Attributes:
        refresh_seconds: Between two questions that were answered; free plans allow a few hundred a day.
        stale_seconds: Age from which an answer is no longer trusted by itself, though still given.
        first_pause_seconds: After a failure that asking again may mend; it doubles, up to the next.
        most_pause_seconds: After many failures, and after a refusal.
    """

    refresh_seconds: float = 900.0
    stale_seconds: float = 7200.0
    first_pause_seconds: float = 30.0
    most_pause_seconds: float = 1800.0


@dataclass(frozen=True)
class GridReading:
    """An answer and how far to trust it.

    Attributes:
        series: The values.
        age_seconds: Since they were fetched.
        stale: Whether they are too old, or do not tell the present value.
        problem: What was wrong with the last question; empty where nothing was.
    """

    series: GridSeries
    age_seconds: float
    stale: bool
    problem: str = ""


class CachedSource:
    """One source with its last answer."""

    def __init__(
        self, source: GridSource, settings: CacheSettings | None = None, clock: Clock | None = None
    ) -> None:
        self._source = source
        self._settings = settings or CacheSettings()
        self._clock = clock or SystemClock()
        self._lock = asyncio.Lock()
        self._series: GridSeries | None = None
        self._fetched_at = 0.0
        self._ask_at = 0.0
        self._pause_seconds = self._settings.first_pause_seconds
        self._error: GridSourceError | None = None

    @property
    def name(self) -> str:
        """Returns the name of the source."""
        return self._source.name

    @property
    def signal(self) -> Signal:
        """Returns what the source knows."""
        return self._source.signal

    async def read(self) -> GridReading:
        """Returns the last answer, after asking where it is due.

        Raises:
            GridSourceError: There has never been an answer; the error is that of the last question.
        """
        async with self._lock:
            if self._clock.monotonic() >= self._ask_at or (self._series is None and self._error is None):
                await self._ask()
        if self._series is None:
            raise self._error or GridUnavailableError(f"{self.name} has not been asked yet")
        age = self._clock.monotonic() - self._fetched_at
        stale = age > self._settings.stale_seconds or self._series.at(self._clock.now()) is None
        return GridReading(self._series, age, stale, str(self._error or ""))

    async def _ask(self) -> None:
        try:
            self._series = await self._source.fetch()
        except GridSourceError as error:
            self._error = error
            self._ask_at = self._clock.monotonic() + self._pause(error)
            _LOG.warning("grid source failed", extra={"source": self.name, "problem": str(error)})
            return
        self._error = None
        self._pause_seconds = self._settings.first_pause_seconds
        self._fetched_at = self._clock.monotonic()
        self._ask_at = self._fetched_at + self._settings.refresh_seconds

    def _pause(self, error: GridSourceError) -> float:
        if not isinstance(error, GridUnavailableError):
            return self._settings.most_pause_seconds
        pause = max(self._pause_seconds, error.retry_after_seconds or 0.0)
        self._pause_seconds = min(2 * self._pause_seconds, self._settings.most_pause_seconds)
        return pause
