"""What the guard decides on: one view per device, whole watts throughout."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class GuardDevice:
    """One device as the guard sees it.

    Attributes:
        id: The device.
        floor_watts: The lowest limit that it takes.
        nameplate_watts: The highest limit that it takes.
        excursion_ratio: By how much of a limit the mean draw over a second can exceed it.
        limit_watts: The limit that it was last seen to have, or was last asked for.
        exposure_watts: The highest limit that it may still be drawing up to (old limits until they settled).
        demand_watts: The highest draw of the last seconds.
        set_point_watts: A limit that somebody asked for; it only ever lowers what the budget allows.
        weight: Its part of contested watts relative to the others.
        writable: Whether its limit can be relied on; one that cannot counts at ``uncontrolled_watts``.
        uncontrolled_watts: What it may draw whatever its limit says; None stands for its nameplate.
    """

    id: str
    floor_watts: int
    nameplate_watts: int
    excursion_ratio: float
    limit_watts: int
    exposure_watts: int
    demand_watts: float = 0.0
    set_point_watts: int | None = None
    weight: float = 1.0
    writable: bool = True
    uncontrolled_watts: int | None = None

    @property
    def top_watts(self) -> int:
        """The highest limit that it may be given."""
        if self.set_point_watts is None:
            return self.nameplate_watts
        return min(max(self.set_point_watts, self.floor_watts), self.nameplate_watts)

    def charge(self, limit_watts: float) -> int:
        """Returns the watts that a limit costs the budget: the most the mean over a second can be."""
        return charge_watts(limit_watts, self.excursion_ratio)

    @property
    def charged_watts(self) -> int:
        """What the device costs the budget now, at the worst."""
        if self.writable:
            return self.charge(self.exposure_watts)
        if self.uncontrolled_watts is None:
            # A driver that was loaded anew may know a higher limit than the device was found with.
            return self.charge(max(self.nameplate_watts, self.exposure_watts))
        return min(self.uncontrolled_watts, self.charge(self.nameplate_watts))


@lru_cache(maxsize=4096)
def charge_watts(limit_watts: float, excursion_ratio: float) -> int:
    """Returns the highest mean draw over a second that a limit allows, rounded up to whole watts."""
    return math.ceil(round(limit_watts * (1.0 + excursion_ratio), 6))


def charged_total(devices: Iterable[GuardDevice]) -> int:
    """Returns what devices may draw together at the worst, over any second."""
    return sum(device.charged_watts for device in devices)


def nameplate_total(devices: Iterable[GuardDevice]) -> int:
    """Returns what devices may draw together with every limit at its highest."""
    return sum(device.charge(device.nameplate_watts) for device in devices)


def minimum_total(devices: Iterable[GuardDevice], failed: Container[str]) -> int:
    """Returns the least that limits can hold devices to; those that failed count at nameplate."""
    return sum(d.charged_watts if d.id in failed else d.charge(d.floor_watts) for d in devices)
