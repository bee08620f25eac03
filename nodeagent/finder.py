"""Finds the devices for an agent that starts, and goes on looking for those whose driver does not answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from common.kube.backoff import Backoff
from nodeagent.devices.device import DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.worker import DeviceWorker

log = logging.getLogger(__name__)

_GLANCE_SECONDS = 2.0
"""Between two glances whether a driver was loaded anew, which costs nothing."""
_LONGEST_PAUSE_SECONDS = 10.0
"""Between two looks: a driver that hung has hung for minutes when it answers again."""


class DeviceFinder:
    """Looks for devices on a thread of its own: whatever hangs there holds up neither the loop nor the end.

    Args:
        find: Finds the devices; raises ``DeviceError`` where a driver cannot be reached.
    """

    def __init__(self, find: Callable[[], DeviceSet]) -> None:
        self._find = find
        self._worker = DeviceWorker("finder")

    async def first(self) -> DeviceSet:
        """Returns the devices, however long their driver takes to come up."""
        backoff = Backoff()
        while True:
            try:
                return await self._worker.submit(self._find)
            except DeviceError as error:
                log.warning("devices not found yet", extra={"reason": error.reason, "error": str(error)})
                await asyncio.sleep(backoff.next())

    async def more(self, known: DeviceSet) -> DeviceSet:
        """Returns the devices once there is more to say of them than was known; never where there is not.

        They are looked for while some are awaited, and whenever a driver was loaded anew.

        Args:
            known: The devices as found before.
        """
        outdated, backoff = known.outdated, Backoff(maximum=_LONGEST_PAUSE_SECONDS)
        if known.awaited is not None:
            log.warning("devices are looked for again", extra={"why": known.why_awaited})
        while True:
            await asyncio.sleep(_GLANCE_SECONDS if known.awaited is None else backoff.next())
            if known.awaited is None and not outdated():
                continue
            try:
                found = await self._worker.submit(self._find)
            except DeviceError as error:
                log.info("devices still not found", extra={"reason": error.reason, "error": str(error)})
                continue
            if found.says_more_than(known):
                return found
            outdated = found.outdated
            for device in found.devices:
                device.close()

    def close(self) -> None:
        """Ends the thread after the look under way, without waiting for it."""
        self._worker.close()
