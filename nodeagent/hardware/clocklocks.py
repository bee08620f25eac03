"""Clock ceilings for devices that draw more than their watt limit allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nodeagent.guard.effect import clock_ceiling_mhz
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.targets import Targets


class ClockLocks:
    """Lowers a ceiling for as long as its device does not obey; the original goes back when it does."""

    def __init__(self) -> None:
        self._locks: dict[str, int] = {}

    def applied(self, targets: Targets, devices: Iterable[ManagedDevice]) -> Targets:
        """Returns the targets with the ceilings that devices need beside their watt limits."""
        self._locks = {
            device.info.id: mhz for device in devices if (mhz := self._ceiling(device)) is not None
        }
        if not self._locks:
            return targets
        clocks = dict(targets.clocks)
        for name, mhz in self._locks.items():
            asked = clocks.get(name)
            clocks[name] = mhz if asked is None else min(asked, mhz)
        return replace(targets, clocks=clocks)

    def _ceiling(self, device: ManagedDevice) -> int | None:
        reading = device.reading
        if reading is None or not device.unenforceable:
            return None
        locked = self._locks.get(device.info.id, device.info.maximum_clock_mhz)
        if device.effect.latest_watts <= reading.limit_watts:
            return locked
        wanted = clock_ceiling_mhz(
            min(reading.clock_mhz, locked),
            reading.limit_watts,
            device.effect.latest_watts,
            device.info.minimum_clock_mhz,
        )
        # The mean is of up to a second ago: a ceiling that was just lowered must show in it first.
        return wanted if device.effect.take_news() else locked
