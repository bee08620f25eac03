"""Which writes may go now: cuts at once, raises only into room that donors have left for certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nodeagent.guard.model import GuardDevice, charged_total


@dataclass(frozen=True)
class LimitWrite:
    """A limit to write to a device."""

    device_id: str
    watts: int


def writes_now(
    limits: Mapping[str, int],
    devices: Sequence[GuardDevice],
    *,
    budget_watts: int,
    rest_watts: int,
    may_raise: bool = True,
) -> list[LimitWrite]:
    """Returns the writes that are safe at this moment, cuts first.

    At no moment may what devices are exposed to exceed the budget because of a raise: each raise is checked
    against the worst case of all devices, raises of this very list included.

    Args:
        limits: The limits that shall be, by device.
        devices: All devices as they are now.
        budget_watts: What the node may draw.
        rest_watts: Bound on all that is not a device.
        may_raise: Whether raises may be made at all.
    """
    writable = [device for device in devices if device.writable and device.id in limits]
    cuts = [LimitWrite(d.id, limits[d.id]) for d in writable if limits[d.id] < d.limit_watts]
    if not may_raise:
        return cuts
    room = budget_watts - rest_watts - charged_total(devices)
    raises: list[LimitWrite] = []
    for device in sorted(writable, key=_hunger, reverse=True):
        target = limits[device.id]
        cost = max(device.charge(target) - device.charged_watts, 0)
        if target > device.limit_watts and cost <= room:
            raises.append(LimitWrite(device.id, target))
            room -= cost
    return cuts + raises


def _hunger(device: GuardDevice) -> float:
    return device.demand_watts / max(device.limit_watts, 1)
