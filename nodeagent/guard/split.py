"""Splits watts over devices: floors first, then what each can use, then what is left over.

Each step is max-min fair (progressive filling; Bertsekas and Gallager, *Data Networks*, 6.5.2): watts go to
all devices at the pace of their weights, until each has what it can use or the watts are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nodeagent.guard.model import GuardDevice


@dataclass(frozen=True)
class SplitSettings:
    """How the guard reads demand.

    Attributes:
        throttled_ratio: A device that draws this part of its limit may want any more.
        headroom_ratio: Room above the present draw of a device that is not throttled. ``1 + headroom_ratio``
            must exceed ``1 / throttled_ratio``, or a device that just got its room would look throttled.
        deadband_ratio: Moves of less than this part of a device's nameplate are not worth a write.
    """

    throttled_ratio: float = 0.95
    headroom_ratio: float = 0.15
    deadband_ratio: float = 0.02


@dataclass(frozen=True)
class Split:
    """Limits by device (only of those that can be written), and by how much the floors miss the budget."""

    limits: Mapping[str, int]
    shortfall_watts: int = 0


def split(
    budget_watts: int, rest_watts: int, devices: Sequence[GuardDevice], settings: SplitSettings
) -> Split:
    """Returns limits such that they, charged with their excursions, and the rest fit the budget.

    Where even the floors do not fit, every device is at its floor and ``shortfall_watts`` says by how much.

    Args:
        budget_watts: What the node may draw.
        rest_watts: Bound on all that is not a device.
        devices: All devices, also those that cannot be written.
        settings: How demand is read.
    """
    writable = [device for device in devices if device.writable]
    fixed = rest_watts + sum(device.charged_watts for device in devices if not device.writable)
    floors = {device.id: device.floor_watts for device in writable}
    room = budget_watts - fixed - sum(device.charge(device.floor_watts) for device in writable)
    if room < 0:
        return Split(floors, -room)
    tops = {device.id: device.top_watts for device in writable}
    if sum(device.charge(tops[device.id]) for device in writable) <= budget_watts - fixed:
        return Split(tops)
    wants = {device.id: _wanted_watts(device, settings) for device in writable}
    # Charges are rounded up per device: one watt each is kept aside for that.
    levels = {name: float(watts) for name, watts in floors.items()}
    left = _fill(writable, levels, wants, float(room - len(writable)))
    _fill(writable, levels, tops, left)
    return Split({name: int(watts) for name, watts in levels.items()})


def is_within(budget_watts: int, rest_watts: int, devices: Sequence[GuardDevice]) -> bool:
    """Whether the present limits are a permitted split: within the budget and every set point."""
    for device in devices:
        if device.writable and not device.floor_watts <= device.limit_watts <= device.top_watts:
            return False
    charged = sum(d.charge(d.limit_watts) if d.writable else d.charged_watts for d in devices)
    return rest_watts + charged <= budget_watts


def steadied(wanted: Split, devices: Sequence[GuardDevice], within: bool, settings: SplitSettings) -> Split:
    """Returns the present limits where they are permitted and no device would gain a move worth a write."""
    if not within or wanted.shortfall_watts:
        return wanted
    writable = [device for device in devices if device.writable]
    if any(_is_worth_a_write(device, wanted.limits[device.id], settings) for device in writable):
        return wanted
    return Split({device.id: device.limit_watts for device in writable})


def _is_worth_a_write(device: GuardDevice, target: int, settings: SplitSettings) -> bool:
    if device.set_point_watts is not None and target == device.top_watts:
        return target != device.limit_watts
    return abs(target - device.limit_watts) > settings.deadband_ratio * device.nameplate_watts


def _wanted_watts(device: GuardDevice, settings: SplitSettings) -> int:
    if device.demand_watts >= settings.throttled_ratio * device.limit_watts:
        return device.top_watts
    wanted = int(device.demand_watts * (1.0 + settings.headroom_ratio)) + 1
    return min(max(wanted, device.floor_watts), device.top_watts)


def _fill(
    devices: Sequence[GuardDevice], levels: dict[str, float], tops: Mapping[str, int], room_watts: float
) -> float:
    """Raises ``levels`` towards ``tops`` by weight; returns the charged watts that are left over."""
    gaps = {d.id: max(tops[d.id] - levels[d.id], 0.0) for d in devices}
    open_devices = sorted((d for d in devices if gaps[d.id] > 0.0), key=lambda d: gaps[d.id] / d.weight)
    while open_devices and room_watts > 0.0:
        pace = sum(d.weight * (1.0 + d.excursion_ratio) for d in open_devices)
        nearest = open_devices[0]
        to_nearest, to_the_end = gaps[nearest.id] / nearest.weight, room_watts / pace
        step = min(to_nearest, to_the_end)
        for device in open_devices:
            gained = min(step * device.weight, gaps[device.id])
            levels[device.id] += gained
            gaps[device.id] -= gained
        if to_the_end <= to_nearest:
            # Not by subtraction: what rounding leaves of the room may shrink without ever being nothing.
            return 0.0
        room_watts -= step * pace
        open_devices = [d for d in open_devices if gaps[d.id] > 1e-9]
    return max(room_watts, 0.0)
