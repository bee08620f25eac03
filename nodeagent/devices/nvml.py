"""Driver of NVIDIA GPUs, by ``pynvml`` (package nvidia-ml-py).

One device is one board: limit, draw and clocks of a board in MIG mode are shared by all of its instances.
Units and meanings are those of the NVML API reference (nvmlDeviceSetPowerManagementLimit,
nvmlDeviceSetGpuLockedClocks, and field values of NVML_FI_DEV_POWER_*).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from nodeagent.devices.device import KIND_GPU, Awaited, Device, DeviceInfo, DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.host import boot_id
from nodeagent.devices.nvml_board import NvmlDevice
from nodeagent.devices.nvml_library import NvmlLibrary
from nodeagent.devices.nvml_start import NvmlStart
from nodeagent.devices.nvml_unreadable import (
    UNKNOWN_NAMEPLATE_WATTS,
    UnreadableBoard,
    assumed_nameplate_watts,
    awaited_boards,
)

ONE_SECOND_EXCURSION_RATIO = 0.05
"""Chosen, not measured: overshoots of up to 25 % last for tens of milliseconds only."""
SETTLE_SECONDS = 1.0
"""Chosen, not measured: firmware follows a new limit within some hundred milliseconds."""


@dataclass(frozen=True)
class Patience:
    """How long NVML may take.

    Attributes:
        board_seconds: All boards together, when they are looked for.
        start_seconds: To open the library and count the boards: without persistence mode that takes seconds a
            board.
    """

    board_seconds: float = 1.0
    start_seconds: float = 30.0


def discover(
    patience: Patience = Patience(),
    clock: Callable[[], float] = time.monotonic,
    start: NvmlStart | None = None,
) -> DeviceSet:
    """Finds the boards of this node; one that does not answer has its place, and counts at nameplate.

    Args:
        patience: How long the library may take.
        clock: Monotonic seconds.
        start: What opened the library before in this process; None opens it anew.

    Raises:
        DriverSilentError: The library has not answered in time.
        DeviceError: ``pynvml``, the library or the driver is missing.
    """
    start = start or NvmlStart()
    opened = start.open(patience.start_seconds)
    calls = {f"gpu-{n}": partial(_device, opened.library, n, clock) for n in range(opened.count)}
    answers = list(start.boards.answers(calls, patience.board_seconds).values())
    found: list[Device] = [answer for answer in answers if isinstance(answer, NvmlDevice)]
    nameplate_watts = assumed_nameplate_watts(device.info for device in found)
    missing = [
        UnreadableBoard(index, nameplate_watts, error)
        for index, error in enumerate(answers)
        if isinstance(error, DeviceError)
    ]
    generation = opened.generation
    return replace(
        _as_set([*found, *missing], awaited_boards(missing)),
        outdated=lambda: opened.library.generation != generation,
    )


def unanswered(count: int, error: DeviceError) -> DeviceSet:
    """Returns the boards of a node whose driver said nothing, not even how many there are.

    Args:
        count: How many the node has.
        error: Why nothing is known of them.
    """
    boards = [UnreadableBoard(index, UNKNOWN_NAMEPLATE_WATTS, error) for index in range(count)]
    why = f"{error}; its {count} GPUs count at {UNKNOWN_NAMEPLATE_WATTS:,} W each, which no limit holds"
    return _as_set(list(boards), Awaited(frozenset(board.info.id for board in boards), error.reason, why))


def _as_set(found: list[Device], awaited: Awaited | None) -> DeviceSet:
    return DeviceSet(
        devices=sorted(found, key=lambda device: device.info.index),
        rest_bound_watts=0,
        boot_id=boot_id(),
        read_boot_id=boot_id,
        awaited=awaited,
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
