"""How one device stands, in the words of NodeFrequencies' status. Pure."""

from __future__ import annotations

import math

from common.api.frequencies import (
    DEVICE_APPLIED,
    DEVICE_CLAMPED,
    DEVICE_FAILED,
    DEVICE_INERT,
    DEVICE_PENDING,
    CpuStatus,
    GpuStatus,
    PodOnGpu,
)
from nodeagent.devices.device import SAME_LIMIT_WATTS, DeviceInfo
from nodeagent.guard.effect import Effect
from nodeagent.setpoints import SetPoint
from nodeagent.snapshot import DeviceView

OWNER = "climatik"

_MOST_PODS = 64
"""The schema takes no more of them per GPU."""


def gpu_status(view: DeviceView) -> GpuStatus:
    """Returns the status of a GPU."""
    status, reason = judge(view)
    reading = view.reading
    return GpuStatus(
        gpu_id=view.info.id,
        status=status,
        reason=reason,
        owner=owner(view),
        current_frequency=reading.clock_mhz if reading else 0,
        target_frequency=view.point.clock_mhz,
        requested_watts=requested_watts(view),
        enforced_watts=math.ceil(reading.limit_watts) if reading else 0,
        minimum_watts=view.info.floor_watts,
        maximum_watts=view.info.nameplate_watts,
        maximum_frequency=view.info.maximum_clock_mhz,
        draw_watts=round(reading.draw_watts) if reading else 0,
        pods=[
            PodOnGpu(namespace=holder.namespace, name=holder.pod, container=holder.container)
            for holder in view.pods[:_MOST_PODS]
        ],
    )


def cpu_status(view: DeviceView) -> CpuStatus:
    """Returns the status of a CPU package."""
    status, reason = judge(view)
    reading = view.reading
    return CpuStatus(
        cpu_id=view.info.index,
        status=status,
        reason=reason,
        owner=owner(view),
        current_frequency=reading.clock_mhz if reading else 0,
        target_frequency=view.point.clock_mhz,
        requested_watts=requested_watts(view),
        enforced_watts=math.ceil(reading.limit_watts) if reading else 0,
        draw_watts=round(reading.draw_watts) if reading else 0,
    )


def unknown_gpu(gpu_id: str, point: SetPoint) -> GpuStatus:
    """Returns the status of a set point for a GPU that is not there."""
    reason = "this node has no GPU of that UUID: correct gpuId, or remove the item"
    return GpuStatus(
        gpu_id=gpu_id,
        status=DEVICE_FAILED,
        reason=reason,
        target_frequency=point.clock_mhz,
        requested_watts=point.watts,
    )


def unknown_cpu(number: int, point: SetPoint) -> CpuStatus:
    """Returns the status of a set point for a CPU that is not there."""
    reason = "this node has no CPU or package of that number: correct it, or remove the item"
    return CpuStatus(
        cpu_id=number,
        status=DEVICE_FAILED,
        reason=reason,
        target_frequency=point.clock_mhz,
        requested_watts=point.watts,
    )


def requested_watts(view: DeviceView) -> int | None:
    """Returns the limit that was asked for by a set point, or else by the guard."""
    if view.point.watts is not None:
        return view.point.watts
    return None if view.target_watts is None else math.ceil(view.target_watts)


def owner(view: DeviceView) -> str:
    """Returns who holds the device's settings; empty where nobody does."""
    if view.owner:
        return view.owner
    return OWNER if view.target_watts is not None or view.sets_clock else ""


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
    clamped = "; ".join(filter(None, (_watts_clamped(view), _clock_clamped(view.point, view.info))))
    return (DEVICE_CLAMPED, clamped) if clamped else (DEVICE_APPLIED, view.note)


def _failure(view: DeviceView) -> str:
    counted = f"counted at {view.info.nameplate_watts:,} W"
    if view.fault is not None:
        return f"{view.fault.reason}: {view.fault.message}; {counted}"
    if view.owner:
        return f"ForeignWriter: left alone because {view.owner} holds it; {counted}"
    if view.clock_fault is not None:
        return f"clock ceiling: {view.clock_fault.reason}: {view.clock_fault.message}"
    return ""


def _waiting(view: DeviceView) -> str:
    reading = view.reading
    if reading is None:
        return ""
    if view.target_watts is not None and abs(reading.limit_watts - view.target_watts) > SAME_LIMIT_WATTS:
        return f"the limit is {reading.limit_watts:,.0f} W on its way to {view.target_watts:,.0f} W"
    if view.sets_clock and reading.clock_limit_mhz != view.target_clock_mhz:
        return "the clock ceiling is on its way"
    return ""


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
