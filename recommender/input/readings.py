"""Everything that is read from Prometheus, each at its own pace."""

from __future__ import annotations

import asyncio
import logging

from common.clock import Clock
from common.telemetry.errors import TelemetryError
from common.telemetry.prometheus import PowerQueries
from recommender.config import RecommenderSettings
from recommender.input.cluster import Cluster
from recommender.input.history import CapHistories, read_cap_histories
from recommender.input.meter import Meter

log = logging.getLogger(__name__)


class Readings:
    """Reads in tasks of its own: a slow Prometheus delays readings, never answers.

    Attributes:
        meter: Holds the last reading.
        histories: What policies with a relative cap have drawn.
    """

    def __init__(
        self, settings: RecommenderSettings, cluster: Cluster, prometheus: PowerQueries | None, clock: Clock
    ) -> None:
        self.meter = Meter(prometheus, clock, settings.detect_seconds)
        self.histories: CapHistories = {}
        self._settings = settings
        self._cluster = cluster
        self._prometheus = prometheus
        self._clock = clock
        self._tried = asyncio.Event()

    async def run(self) -> None:
        """Reads again and again until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_power())
            group.create_task(self._read_histories())

    async def once(self) -> None:
        """Reads everything once."""
        await self.meter.read()
        await self._update_histories()

    async def wait(self, timeout_seconds: float) -> None:
        """Waits for the next reading, successful or not, but no longer than the timeout."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._tried.wait()
        except TimeoutError:
            return
        self._tried.clear()

    async def _read_power(self) -> None:
        while True:
            await self.meter.read()
            self._tried.set()
            await asyncio.sleep(self._settings.interval_seconds)

    async def _read_histories(self) -> None:
        while True:
            await self._update_histories()
            await asyncio.sleep(self._settings.history_seconds)

    async def _update_histories(self) -> None:
        relative = [policy.spec.relative_cap for policy in self._cluster.policies.items()]
        windows = [one.window_seconds for one in relative if one is not None]
        if self._prometheus is None or not windows:
            return
        try:
            at = self._clock.now().timestamp()
            self.histories = await read_cap_histories(self._prometheus, windows, at)
        except TelemetryError as error:
            log.warning("the history behind relativeCap cannot be read", extra={"error": str(error)})
