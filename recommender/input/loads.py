"""Reads the load of inference servers, for models of watts and forecasts of load."""

from __future__ import annotations

import asyncio
import logging

import numpy as np

from common.clock import Clock
from common.telemetry.errors import TelemetryError
from common.telemetry.load import LoadTable, read_load
from common.telemetry.prometheus import PowerQueries

log = logging.getLogger(__name__)

_NOTHING = np.zeros(0)
NO_LOAD = LoadTable((), *([_NOTHING] * 8))
_WHILE_NONE_FACTOR = 6.0


class LoadReader:
    """One reading at a time, in a task of its own: servers that nobody asks for cost little.

    Attributes:
        last: The last reading; empty where there are no inference servers.
    """

    def __init__(self, prometheus: PowerQueries | None, clock: Clock, interval_seconds: float) -> None:
        self.last: LoadTable = NO_LOAD
        self._prometheus = prometheus
        self._clock = clock
        self._interval_seconds = interval_seconds

    async def run(self) -> None:
        """Reads again and again until cancelled; more rarely while there is nothing to be read."""
        while self._prometheus is not None:
            await self.read(self._prometheus)
            pause = self._interval_seconds * (1.0 if len(self.last) else _WHILE_NONE_FACTOR)
            await asyncio.sleep(pause)

    async def read(self, prometheus: PowerQueries) -> None:
        """Reads once; what cannot be read is no load, since an old one would explain the wrong watts."""
        try:
            self.last = await read_load(prometheus, self._clock.now().timestamp())
        except TelemetryError as error:
            log.warning("the load of inference servers cannot be read", extra={"error": str(error)})
            self.last = NO_LOAD
