"""What to say of one device in a word, and why. Pure."""

from __future__ import annotations

from common.api.frequencies import (
    DEVICE_APPLIED,
    DEVICE_CLAMPED,
    DEVICE_FAILED,
    DEVICE_INERT,
    DEVICE_PENDING,
)
from nodeagent.devices.device import DeviceInfo, Reading
from nodeagent.guard.effect import Effect
from nodeagent.setpoints import SetPoint
from nodeagent.snapshot import DeviceView


def judge(view: DeviceView) -> tuple[str, str]:
    """Returns the status of a device and why."""
    failure = _failure(view)
    if failure:
        return DEVICE_FAILED, failure
    if view.reading is None:
        return DEVICE_PENDING, "not read yet"
    if view.effect is Effect.UNENFORCEABLE:
        # No figures of the moment: a reason that changed with each look would be written each second.
        limit = f"{view.reading.limit_watts:,.0f} W"
        return DEVICE_INERT, f"it draws more than its limit of {limit}; counted at its draw, clock lowered"
    waiting = _waiting(view)
    if waiting:
        return DEVICE_PENDING, waiting
    reasons = (_held_lower(view.reading), _watts_clamped(view), _clock_clamped(view.point, view.info))
    clamped = "; ".join(filter(None, reasons))
    return (DEVICE_CLAMPED, clamped) if clamped else (DEVICE_APPLIED, view.note)


def _failure(view: DeviceView) -> str:
    counted = f"counted at {view.info.nameplate_watts:,} W"
    if view.fault is not None:
        return f"{view.fault.reason}: {view.fault.message}; {counted}"
    if view.owner:
        reason = "ForeignWriter" if view.manager else "ForeignLimit"
        return f"{reason}: left alone because {view.owner} holds it; {counted}"
    if view.left_alone:
        return f"ForeignLimit: not given back as found, because somebody changed it since: {view.left_alone}"
    if view.clock_fault is not None:
        return f"clock ceiling: {view.clock_fault.reason}: {view.clock_fault.message}"
    return ""


def _waiting(view: DeviceView) -> str:
    reading = view.reading
    if reading is None:
        return ""
    if view.target_watts is not None and not reading.obeys(view.target_watts):
        return f"the limit is {reading.held_watts:,.0f} W on its way to {view.target_watts:,.0f} W"
    if view.sets_clock and reading.clock_limit_mhz != view.target_clock_mhz:
        return "the clock ceiling is on its way"
    return ""


def _held_lower(reading: Reading) -> str:
    if not reading.is_held_lower:
        return ""
    figures = f"{reading.limit_watts:,.0f} W are enforced, {reading.requested_watts:,.0f} W were requested"
    return f"ForeignLimit: {figures}: somebody holds it lower from outside (a BMC, a power service)"


def _watts_clamped(view: DeviceView) -> str:
    asked, info = view.point.watts, view.info
    if asked is None:
        return ""
    if asked < info.floor_watts:
        return f"{asked:,} W is under the device's floor of {info.floor_watts:,} W"
    if asked > info.nameplate_watts:
        return f"{asked:,} W is over the device's highest limit of {info.nameplate_watts:,} W"
    if view.target_watts is not None and view.target_watts < asked:
        return f"the node's budget leaves {view.target_watts:,.0f} W of the {asked:,} W asked for"
    return ""


def _clock_clamped(point: SetPoint, info: DeviceInfo) -> str:
    asked = point.clock_mhz
    if asked is None or info.minimum_clock_mhz <= asked <= info.maximum_clock_mhz:
        return ""
    return (
        f"{asked:,} MHz is outside the device's {info.minimum_clock_mhz:,} to {info.maximum_clock_mhz:,} MHz"
    )
