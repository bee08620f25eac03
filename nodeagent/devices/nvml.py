"""Driver of NVIDIA GPUs, by ``pynvml`` (package nvidia-ml-py).

One device is one board: limit, draw and clocks of a board in MIG mode are shared by all of its instances.
Units and meanings are those of the NVML API reference (nvmlDeviceSetPowerManagementLimit,
nvmlDeviceSetGpuLockedClocks, and field values of NVML_FI_DEV_POWER_*).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from nodeagent.devices.device import KIND_GPU, Device, DeviceInfo, DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.host import boot_id
from nodeagent.devices.intime import answers_in_time
from nodeagent.devices.nvml_board import NvmlDevice
from nodeagent.devices.nvml_library import NvmlLibrary
from nodeagent.devices.nvml_unreadable import UnreadableBoard, assumed_nameplate_watts

ONE_SECOND_EXCURSION_RATIO = 0.05
"""Chosen, not measured: overshoots of up to 25 % last for tens of milliseconds only."""
SETTLE_SECONDS = 1.0
"""Chosen, not measured: firmware follows a new limit within some hundred milliseconds."""


def discover(deadline_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> DeviceSet:
    """Finds the boards of this node; one that does not answer has its place, and counts at nameplate.

    Args:
        deadline_seconds: How long all boards together have to answer, and one call for another that opens the
            driver again.
        clock: Monotonic seconds.

    Raises:
        DeviceError: ``pynvml``, the library or the driver is missing.
    """
    library = NvmlLibrary(deadline_seconds)
    library.open()
    count = library.call("nvmlDeviceGetCount")
    answers = answers_in_time(
        [partial(_device, library, index, clock) for index in range(count)], deadline_seconds
    )
    found: list[Device] = [answer for answer in answers if isinstance(answer, NvmlDevice)]
    nameplate_watts = assumed_nameplate_watts(device.info for device in found)
    found += [
        UnreadableBoard(index, nameplate_watts, error)
        for index, error in enumerate(answers)
        if isinstance(error, DeviceError)
    ]
    return DeviceSet(
        devices=sorted(found, key=lambda device: device.info.index),
        rest_bound_watts=0,
        boot_id=boot_id(),
        read_boot_id=boot_id,
    )


def _device(library: NvmlLibrary, index: int, clock: Callable[[], float]) -> NvmlDevice:
    handle = library.call("nvmlDeviceGetHandleByIndex", index)
    return NvmlDevice(library, _info(library, handle, index), handle, clock)


def _info(library: NvmlLibrary, handle: Any, index: int) -> DeviceInfo:
    limits = _limits_milliwatts(library, handle)
    lowest_clock, highest_clock = _clock_range_mhz(library, handle)
    return DeviceInfo(
        id=library.call("nvmlDeviceGetUUID", handle),
        kind=KIND_GPU,
        index=index,
        model=library.call("nvmlDeviceGetName", handle),
        floor_watts=math.ceil(limits[0] / 1000),
        nameplate_watts=math.floor(limits[1] / 1000),
        minimum_clock_mhz=lowest_clock,
        maximum_clock_mhz=highest_clock,
        one_second_excursion_ratio=ONE_SECOND_EXCURSION_RATIO,
        settle_seconds=SETTLE_SECONDS,
    )


def _limits_milliwatts(library: NvmlLibrary, handle: Any) -> tuple[int, int]:
    lowest, highest = library.call("nvmlDeviceGetPowerManagementLimitConstraints", handle)
    return int(lowest), int(highest)


def _clock_range_mhz(library: NvmlLibrary, handle: Any) -> tuple[int, int]:
    highest = int(library.call("nvmlDeviceGetMaxClockInfo", handle, library.constant("NVML_CLOCK_SM")))
    try:
        memory = max(library.call("nvmlDeviceGetSupportedMemoryClocks", handle))
        return int(min(library.call("nvmlDeviceGetSupportedGraphicsClocks", handle, memory))), highest
    except DeviceError:
        # Boards that do not list their clocks have no lower end that could be asked for.
        return highest, highest
