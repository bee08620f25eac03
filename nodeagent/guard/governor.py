"""From a budget to the limits that shall be: the split, steadied so that limits move only when it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nodeagent.guard.model import GuardDevice
from nodeagent.guard.split import Split, SplitSettings, is_within, split, steadied


class Governor:
    """Remembers when limits were last moved for comfort; what safety demands it never delays.

    Args:
        settings: How demand is read.
        rebalance_seconds: Shortest time between two moves of watts from one device to another.
    """

    def __init__(self, settings: SplitSettings, rebalance_seconds: float) -> None:
        self._settings = settings
        self._rebalance_seconds = rebalance_seconds
        self._moved_at: float | None = None
        self._budget_watts = 0
        self._limits: Split | None = None

    def limits(self, budget_watts: int, rest_watts: int, devices: Sequence[GuardDevice], now: float) -> Split:
        """Returns the limits that shall be.

        Args:
            budget_watts: What the node may draw.
            rest_watts: Bound on all that is not a device.
            devices: All devices as they are now.
            now: Monotonic seconds.
        """
        aimed = self._aimed(devices)
        within = is_within(budget_watts, rest_watts, aimed)
        same = self._limits is not None and self._budget_watts == budget_watts
        if within and same and self._moved_at is not None and now - self._moved_at < self._rebalance_seconds:
            return Split({device.id: device.limit_watts for device in aimed if device.writable})
        wanted = steadied(
            split(budget_watts, rest_watts, devices, self._settings), aimed, within, self._settings
        )
        if self._limits is None or wanted.limits != self._limits.limits or not same:
            self._moved_at = now
        self._limits, self._budget_watts = wanted, budget_watts
        return wanted

    def _aimed(self, devices: Sequence[GuardDevice]) -> list[GuardDevice]:
        """Devices with the limits that they are on their way to: a raise that waits is not given up again."""
        if self._limits is None:
            return list(devices)
        limits = self._limits.limits
        return [_with_limit(device, limits.get(device.id, device.limit_watts)) for device in devices]


def _with_limit(device: GuardDevice, limit_watts: int) -> GuardDevice:
    if device.limit_watts == limit_watts:
        return device
    return replace(device, limit_watts=limit_watts)
