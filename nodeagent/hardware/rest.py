"""Reads the meter of the rest of the node, where there is one."""

from __future__ import annotations

import asyncio
import time

from nodeagent.devices.device import RestMeter
from nodeagent.devices.worker import DeviceWorker

_PERIOD_SECONDS = 0.5
"""Nothing is decided on it, so that it need not be as fresh as the devices' readings."""


class RestReader:
    """Keeps the last value of the rest meter; a meter that hangs or fails leaves it unknown."""

    def __init__(self, meter: RestMeter | None) -> None:
        self.watts: float | None = None
        self._next_at = float("-inf")
        self._meter = meter
        self._worker = DeviceWorker("rest")

    def start_read(self) -> None:
        """Looks at the meter, unless a look is under way or was just made."""
        now = time.monotonic()
        if self._meter is not None and not self._worker.busy and now >= self._next_at:
            self._next_at = now + _PERIOD_SECONDS
            self._worker.submit(self._meter.read_watts).add_done_callback(self._answered)

    def close(self) -> None:
        """Ends the worker."""
        self._worker.close()

    def _answered(self, future: asyncio.Future[float]) -> None:
        if not future.cancelled():
            self.watts = None if future.exception() else future.result()
