"""How one device stands, in the words of NodeFrequencies' status. Pure."""

from __future__ import annotations

import math
from typing import TypedDict

from common.api.frequencies import DEVICE_FAILED, CpuStatus, GpuStatus, PodOnGpu
from nodeagent.report.judge import judge
from nodeagent.setpoints import SetPoint
from nodeagent.snapshot import DeviceView

OWNER = "climatik"

_MOST_PODS = 64
"""The schema takes no more of them per GPU."""


class _Known(TypedDict):
    """What GPUs and packages have in common: of devices that are there."""

    status: str
    reason: str
    owner: str
    current_frequency: int
    target_frequency: int | None
    requested_watts: int | None
    enforced_watts: int
    draw_watts: int


class _Unknown(TypedDict):
    """The same of set points for devices that are not there."""

    status: str
    reason: str
    target_frequency: int | None
    requested_watts: int | None


def gpu_status(view: DeviceView) -> GpuStatus:
    """Returns the status of a GPU."""
    return GpuStatus(
        gpu_id=view.info.id,
        minimum_watts=view.info.floor_watts,
        maximum_watts=view.info.nameplate_watts,
        maximum_frequency=view.info.maximum_clock_mhz,
        pods=[
            PodOnGpu(namespace=holder.namespace, name=holder.pod, container=holder.container)
            for holder in view.pods[:_MOST_PODS]
        ],
        **_known(view),
    )


def cpu_status(view: DeviceView) -> CpuStatus:
    """Returns the status of a CPU package."""
    return CpuStatus(cpu_id=view.info.index, **_known(view))


def unknown_gpu(gpu_id: str, point: SetPoint) -> GpuStatus:
    """Returns the status of a set point for a GPU that is not there."""
    why = "this node has no GPU of that UUID: correct gpuId, or remove the item"
    return GpuStatus(gpu_id=gpu_id, **_unknown(point, why))


def unknown_cpu(number: int, point: SetPoint) -> CpuStatus:
    """Returns the status of a set point for a CPU that is not there."""
    why = "this node has no CPU or package of that number: correct it, or remove the item"
    return CpuStatus(cpu_id=number, **_unknown(point, why))


def _known(view: DeviceView) -> _Known:
    status, reason = judge(view)
    reading = view.reading
    return _Known(
        status=status,
        reason=reason,
        owner=owner(view),
        current_frequency=reading.clock_mhz if reading else 0,
        target_frequency=view.point.clock_mhz,
        requested_watts=requested_watts(view),
        enforced_watts=math.ceil(reading.limit_watts) if reading else 0,
        draw_watts=round(reading.draw_watts) if reading else 0,
    )


def _unknown(point: SetPoint, why: str) -> _Unknown:
    return _Unknown(
        status=DEVICE_FAILED,
        reason=why,
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
