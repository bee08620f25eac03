"""MIG instances and minor numbers of boards, asked of the driver when a pod holds one that is not known."""

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
_OLD_SECONDS = 60.0
"""A driver that is loaded anew may number boards in another way: what is gone by is asked again so often."""


class Instances:
    """Remembers which instance is on which board, and which board has which minor number.

    Args:
        devices: All devices; those that are not ``ShareableDevice`` have no instances and no number.
        deadline_seconds: For all boards together; a driver that hangs keeps only this thread.
    """

    def __init__(self, devices: Sequence[Device], deadline_seconds: float) -> None:
        self.by_uuid: Mapping[str, str] = {}
        self.by_minor: Mapping[int, str] = {}
        self._devices = [device for device in devices if isinstance(device, ShareableDevice)]
        self._deadline_seconds = deadline_seconds
        self._worker = DeviceWorker("instances")
        self._asked_at = float("-inf")

    async def find(self, *, known: bool = False) -> None:
        """Asks the driver for all instances and numbers, unless it was asked a moment ago or still hangs.

        Args:
            known: Whether all that is needed is known already, and is merely to be kept fresh.
        """
        due = time.monotonic() - self._asked_at >= (_OLD_SECONDS if known else _AGAIN_SECONDS)
        if not self._devices or self._worker.busy or not due:
            return
        self._asked_at = time.monotonic()
        asked = self._worker.submit(self._ask)
        await asyncio.wait([asked], timeout=self._deadline_seconds)
        if asked.done():
            self.by_uuid, self.by_minor = asked.result()
        else:
            log.warning("instances of GPUs not known: the driver does not answer")

    def _ask(self) -> tuple[dict[str, str], dict[int, str]]:
        instances: dict[str, str] = {}
        minors: dict[int, str] = {}
        for device in self._devices:
            board = device.info.id
            try:
                instances |= dict.fromkeys(device.instance_uuids(), board)
                minors[device.minor_number()] = board
            except DeviceError as error:
                log.warning("instances not known", extra={"device": board, "error": str(error)})
        return instances, minors
