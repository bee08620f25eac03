"""Several sources of one signal, in the order in which they are preferred."""

from __future__ import annotations

from collections.abc import Sequence

from common.grid.cache import CachedSource, GridReading
from common.grid.errors import GridSourceError, GridUnavailableError
from common.grid.series import Signal


class GridFeed:
    """The best answer that can be had now."""

    def __init__(self, sources: Sequence[CachedSource]) -> None:
        """Takes the sources, the preferred one first.

        Raises:
            ValueError: There is none, or they do not tell the same signal.
        """
        if len({source.signal for source in sources}) != 1:
            raise ValueError("a feed needs at least one source, and all of the same signal")
        self._sources = tuple(sources)

    @property
    def signal(self) -> Signal:
        """Returns what the sources tell."""
        return self._sources[0].signal

    async def read(self) -> GridReading:
        """Returns the first fresh answer in order; where all are stale the youngest, marked so.

        Later sources are not asked while an earlier one is fresh.

        Raises:
            GridUnavailableError: No source has ever answered; the message tells of each why.
        """
        stale: list[GridReading] = []
        problems: list[str] = []
        for source in self._sources:
            try:
                reading = await source.read()
            except GridSourceError as error:
                problems.append(f"{source.name}: {error}")
                continue
            if not reading.stale:
                return reading
            stale.append(reading)
        if not stale:
            raise GridUnavailableError("no source has answered: " + "; ".join(problems))
        return min(stale, key=lambda reading: reading.age_seconds)
