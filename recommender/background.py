"""Beside the cycles: the past is read at a start, models are fitted, what was learned is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass

from common.clock import Clock
from common.telemetry.prometheus import PowerQueries
from recommender.checkpoint.entries import entries_of, restore
from recommender.checkpoint.store import CheckpointError, CheckpointStore
from recommender.input.past import FAMILIES, read_past
from recommender.model.memory import Memory
from recommender.output.metrics import RecommenderMetrics

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 5.0
_BETWEEN_BATCHES_SECONDS = 0.1
"""A batch keeps a processor busy for half a second: the cycle and the writes get their turns in between."""


@dataclass(frozen=True)
class BackgroundSettings:
    """Whether the past is read, and how often a checkpoint is written."""

    read_past: bool
    checkpoint_seconds: float


class Background:
    """Runs beside the loop; nothing here ever holds up a cycle, and no failure ends it.

    Args:
        memory: What is learned.
        prometheus: Where the past is; None for nowhere.
        store: Where checkpoints go; None for nowhere.
        settings: How often.
        metrics: Failures are counted there.
        clock: The time.
    """

    def __init__(
        self, memory: Memory, prometheus: PowerQueries | None, store: CheckpointStore | None,
        settings: BackgroundSettings, metrics: RecommenderMetrics, clock: Clock,
    ) -> None:  # fmt: skip
        self._memory = memory
        self._prometheus = prometheus
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Remembers, then works and keeps until cancelled."""
        await self.remember()
        kept = self._clock.monotonic()
        while True:
            busy = await self._try("model", self._work())
            await asyncio.sleep(_BETWEEN_BATCHES_SECONDS if busy else _PAUSE_SECONDS)
            if self._clock.monotonic() - kept >= self._settings.checkpoint_seconds:
                kept = self._clock.monotonic()
                await self.keep()

    async def remember(self) -> None:
        """Takes what the last checkpoint holds, and what Prometheus has of the last two weeks."""
        if self._store is not None:
            await self._try("checkpoint", self._restore(self._store))
        if self._prometheus is not None and self._settings.read_past:
            await self._try("history", self._read_past(self._prometheus))

    async def keep(self) -> None:
        """Writes a checkpoint; one that fails is tried again the next time."""
        if self._store is not None:
            await self._try("checkpoint", self._write(self._store))

    async def _restore(self, store: CheckpointStore) -> None:
        taken = restore(self._memory, await store.read())
        log.info("checkpoint read", extra={"entries": taken})

    async def _write(self, store: CheckpointStore) -> None:
        entries = await asyncio.to_thread(entries_of, self._memory)
        left_out = await store.write(entries)
        self._metrics.checkpoint_entries.labels("kept").set(len(entries) - left_out)
        self._metrics.checkpoint_entries.labels("no-room").set(left_out)

    async def _read_past(self, prometheus: PowerQueries) -> None:
        forecaster, read = self._memory.forecaster, 0
        for family in FAMILIES:
            past = await read_past(prometheus, family, self._clock.now().timestamp(), forecaster.settings)
            if past is not None:
                await asyncio.to_thread(forecaster.load, past)
                read += len(past.names)
        log.info(
            "history read" if read else "no history: forecasts start from the rises of the last half hour",
            extra={"series": read},
        )

    async def _work(self) -> bool:
        return await asyncio.to_thread(self._memory.forecaster.work, self._clock.now().timestamp())

    async def _try(self, kind: str, work: Awaitable[bool | None]) -> bool:
        """Does some of the work, and says whether there is more; whatever fails in it, the rest goes on."""
        try:
            return bool(await work)
        except Exception as error:
            self._metrics.failures.labels(kind, type(error).__name__).inc()
            told = isinstance(error, CheckpointError)
            text = {"kind": kind, "error": str(error)}
            log.warning("work beside the cycles failed", extra=text, exc_info=None if told else error)
            return False
