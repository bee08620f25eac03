"""Everything that is read from Prometheus, each at its own pace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from common.clock import Clock
from common.telemetry.errors import TelemetryError
from common.telemetry.prometheus import PowerQueries
from recommender.config import RecommenderSettings
from recommender.input.cluster import Cluster
from recommender.input.history import CapHistories, read_cap_histories
from recommender.input.loads import LoadReader
from recommender.input.meter import Meter, PowerMeter
from recommender.model.own_history import OwnHistory

log = logging.getLogger(__name__)


class Readings:
    """Reads in tasks of its own: a slow Prometheus delays readings, never answers.

    Attributes:
        meter: Holds the last reading.
        histories: What policies with a relative cap have drawn.
        drawn: Asked for the present draw of policies by key (None of one that is not measured now), where no
            Prometheus keeps their history.
        load: Holds the last load of inference servers.
    """

    def __init__(
        self, settings: RecommenderSettings, cluster: Cluster, prometheus: PowerQueries | None, clock: Clock,
        meter: PowerMeter | None = None,
    ) -> None:  # fmt: skip
        self.meter = meter or Meter(prometheus, clock, settings.detect_seconds)
        self.drawn: Callable[[], Mapping[str, float | None]] = dict
        self._own = OwnHistory()
        self.histories: CapHistories = {}
        self.load = LoadReader(prometheus, clock, settings.interval_seconds)
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
            group.create_task(self.load.run())

    async def once(self) -> None:
        """Reads everything once."""
        await self.meter.read()
        await self._update_histories()
        if self._prometheus is not None:
            await self.load.read(self._prometheus)

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
            if self._prometheus is None:
                self._own.observe(self._clock.now().timestamp(), self.drawn())
            self._tried.set()
            await asyncio.sleep(self._settings.interval_seconds)

    async def _read_histories(self) -> None:
        while True:
            await self._update_histories()
            await asyncio.sleep(self._settings.history_seconds)

    async def _update_histories(self) -> None:
        relative = [policy.spec.relative_cap for policy in self._cluster.policies.items()]
        windows = [one.window_seconds for one in relative if one is not None]
        if not windows:
            return
        at = self._clock.now().timestamp()
        if self._prometheus is None:
            self.histories = self._own.histories(windows, at)
            return
        try:
            self.histories = await read_cap_histories(self._prometheus, windows, at)
        except TelemetryError as error:
            log.warning("the history behind relativeCap cannot be read", extra={"error": str(error)})
