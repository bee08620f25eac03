"""MIG instances by board, asked of the driver when a pod holds one that is not known yet."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from nodeagent.devices.device import Device
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.shareable import ShareableDevice
from nodeagent.devices.worker import DeviceWorker

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 30.0
"""Instances are made minutes apart; an id that stays unknown is not asked for more often."""


class Instances:
    """Remembers which instance is on which board.

    Args:
        devices: All devices; those that are not ``ShareableDevice`` have no instances.
        deadline_seconds: For all boards together; a driver that hangs keeps only this thread.
    """

    def __init__(self, devices: Sequence[Device], deadline_seconds: float) -> None:
        self.by_uuid: Mapping[str, str] = {}
        self._devices = [device for device in devices if isinstance(device, ShareableDevice)]
        self._deadline_seconds = deadline_seconds
        self._worker = DeviceWorker("instances")
        self._asked_at = float("-inf")

    async def find(self) -> None:
        """Asks the driver for all instances, unless it was asked a moment ago or still hangs."""
        due = time.monotonic() - self._asked_at >= _AGAIN_SECONDS
        if not self._devices or self._worker.busy or not due:
            return
        self._asked_at = time.monotonic()
        asked = self._worker.submit(self._ask)
        await asyncio.wait([asked], timeout=self._deadline_seconds)
        if asked.done():
            self.by_uuid = asked.result()
        else:
            log.warning("instances of GPUs not known: the driver does not answer")

    def _ask(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for device in self._devices:
            try:
                found |= dict.fromkeys(device.instance_uuids(), device.info.id)
            except DeviceError as error:
                log.warning("instances not known", extra={"device": device.info.id, "error": str(error)})
        return found
