"""The draw of the rest of a node, from a meter of the whole node and the energy counters of its devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nodeagent.devices.device import NodeMeter
from nodeagent.hardware.managed import ManagedDevice

_INTERVAL_SECONDS = 2.0
"""Counters of devices are looked at up to 0.1 s before the node's: of two seconds that is little."""


@dataclass(frozen=True)
class SeenRest:
    """Mean draws over one interval."""

    rest_watts: float
    device_watts: float


class NodeRest:
    """Subtracts what devices drew from what the node drew, over the same seconds.

    Args:
        meter: The meter of the node, for where its counter starts again.
    """

    def __init__(self, meter: NodeMeter) -> None:
        self._range = meter.energy_range_millijoules
        self._from: tuple[float, int, Mapping[str, int]] | None = None

    def add(self, node_millijoules: int, devices: Sequence[ManagedDevice], now: float) -> SeenRest | None:
        """Takes a look at the meter into account.

        Args:
            node_millijoules: The node's counter.
            devices: All devices as last seen.
            now: Monotonic seconds.

        Returns:
            What the interval that ends now shows; None while it lasts, or where a device was not seen.
        """
        energies = _energies(devices)
        if energies is None:
            self._from = None
            return None
        if self._from is None:
            self._from = (now, node_millijoules, energies)
            return None
        since, node_before, before = self._from
        if now - since < _INTERVAL_SECONDS:
            return None
        self._from = (now, node_millijoules, energies)
        ranges = {d.info.id: d.info.energy_range_millijoules for d in devices}
        gains = [_gained(before[name], energy, ranges[name]) for name, energy in energies.items()]
        node = _gained(node_before, node_millijoules, self._range)
        if node is None or None in gains:
            return None
        drawn = sum(gain for gain in gains if gain is not None) / 1000.0 / (now - since)
        return SeenRest(node / 1000.0 / (now - since) - drawn, drawn)


def _energies(devices: Sequence[ManagedDevice]) -> Mapping[str, int] | None:
    if any(device.reading is None or device.fault is not None for device in devices):
        return None
    return {d.info.id: d.reading.energy_millijoules for d in devices if d.reading is not None}


def _gained(before: int, now: int, wraps_at: int) -> int | None:
    """What a counter gained; None where it was set back, as a driver that starts does."""
    gained = now - before
    if gained >= 0:
        return gained
    return gained + wraps_at if wraps_at else None
