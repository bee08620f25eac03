"""Driver of NVIDIA GPUs, by ``pynvml`` (package nvidia-ml-py).

One device is one board: limit, draw and clocks of a board in MIG mode are shared by all of its instances.
Units and meanings are those of the NVML API reference (nvmlDeviceSetPowerManagementLimit,
nvmlDeviceSetGpuLockedClocks, and field values of NVML_FI_DEV_POWER_*).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nodeagent.devices.device import KIND_GPU, Device, DeviceInfo, DeviceSet, Reading
from nodeagent.devices.errors import DeviceError, DeviceLostError, NotSupportedError, OutOfRangeError
from nodeagent.devices.host import boot_id
from nodeagent.devices.nvml_details import NvmlDetails, read_details
from nodeagent.devices.nvml_library import DriverReloadedError, NvmlLibrary
from nodeagent.devices.nvml_unreadable import UnreadableBoard, assumed_nameplate_watts

ONE_SECOND_EXCURSION_RATIO = 0.05
"""Chosen, not measured: overshoots of up to 25 % last for tens of milliseconds only."""
SETTLE_SECONDS = 1.0
"""Chosen, not measured: firmware follows a new limit within some hundred milliseconds."""

_INSTANT, _ENFORCED, _REQUESTED = (
    "NVML_FI_DEV_POWER_INSTANT",
    "NVML_FI_DEV_POWER_CURRENT_LIMIT",
    "NVML_FI_DEV_POWER_REQUESTED_LIMIT",
)
_OLDER_CALLS = {
    _INSTANT: "nvmlDeviceGetPowerUsage",
    _ENFORCED: "nvmlDeviceGetEnforcedPowerLimit",
    _REQUESTED: "nvmlDeviceGetPowerManagementLimit",
}
"""Where a driver has no such field. The first is a 1-s mean on Ampere and later, not the instant draw."""


class NvmlDevice:
    """One board, found again by its UUID whenever the driver changed.

    NVML cannot read a clock lock back. The lock is what this process wrote last, and unknown before its first
    write; a reload of the driver drops it for certain.
    """

    def __init__(self, library: NvmlLibrary, info: DeviceInfo, handle: Any) -> None:
        self._library = library
        self._info = info
        self._handle = handle
        self._generation = library.generation
        self._clock_lock_mhz: int | None = None
        self._clock_lock_known = False
        self._fields = [_INSTANT, _ENFORCED, _REQUESTED]
        self._field_ids = [library.constant(name) for name in self._fields]

    @property
    def info(self) -> DeviceInfo:
        """What the board said about itself when it was found."""
        return self._info

    def read(self) -> Reading:
        """Returns draw, energy, clock and limits; ``limit_watts`` is the lowest that anybody set."""
        draw, enforced, requested = self._power_fields()
        return Reading(
            draw_watts=draw / 1000.0,
            energy_millijoules=self._call("nvmlDeviceGetTotalEnergyConsumption"),
            limit_watts=enforced / 1000.0,
            requested_watts=requested / 1000.0,
            clock_mhz=self._call("nvmlDeviceGetClockInfo", self._library.constant("NVML_CLOCK_SM")),
            clock_limit_mhz=self._clock_lock_mhz,
            clock_limit_known=self._clock_lock_known,
        )

    def read_details(self) -> NvmlDetails:
        """Returns what people want to know beyond a reading: temperature, throttling, MIG, profiles."""
        return read_details(self._library, self._call)

    def write_power_limit(self, watts: float) -> None:
        """Asks for a watt limit.

        Raises:
            OutOfRangeError: The board does not take it; the message has its range.
            DeviceError: It could not be written.
        """
        self._prepare_write()
        try:
            self._call("nvmlDeviceSetPowerManagementLimit", round(watts * 1000.0))
        except OutOfRangeError as error:
            lowest, highest = self._call("nvmlDeviceGetPowerManagementLimitConstraints")
            span = f"{lowest / 1000:,.0f} to {highest / 1000:,.0f} W"
            raise OutOfRangeError(f"{watts:,.0f} W: the board takes {span}") from error

    def write_clock_limit(self, mhz: int | None) -> None:
        """Asks for a ceiling on the SM clock, from which the board may still go down; None resets it.

        A board without clock locks (before Volta) has none to let go of.
        """
        self._prepare_write()
        if mhz is None:
            self._call_if_supported("nvmlDeviceResetGpuLockedClocks")
        else:
            self._call("nvmlDeviceSetGpuLockedClocks", min(self._info.minimum_clock_mhz, mhz), mhz)
        self._remember_lock(mhz)

    def write_memory_clock(self, mhz: int | None) -> None:
        """Locks the memory clock to one of the board's own; None resets it. From Ampere on."""
        self._prepare_write()
        if mhz is None:
            self._call("nvmlDeviceResetMemoryLockedClocks")
        else:
            self._call("nvmlDeviceSetMemoryLockedClocks", mhz, mhz)

    def read_settings(self) -> Mapping[str, str]:
        """Returns limit (mW) and persistence mode; of clock locks, none is assumed."""
        return {
            "power_limit_milliwatts": str(self._call("nvmlDeviceGetPowerManagementLimit")),
            "persistence_mode": str(self._call("nvmlDeviceGetPersistenceMode")),
        }

    def restore_settings(self, found: Mapping[str, str]) -> None:
        """Puts the limit back, lets go of clock locks, and sets persistence mode as it was, in this order."""
        self._verify()
        if "power_limit_milliwatts" in found:
            self._call("nvmlDeviceSetPowerManagementLimit", int(found["power_limit_milliwatts"]))
        for reset in ("nvmlDeviceResetGpuLockedClocks", "nvmlDeviceResetMemoryLockedClocks"):
            self._call_if_supported(reset)
        self._remember_lock(None)
        if "persistence_mode" in found:
            self._call("nvmlDeviceSetPersistenceMode", int(found["persistence_mode"]))

    def close(self) -> None:
        """Does nothing: other boards use the library too, and what was set stays with persistence mode."""

    def _power_fields(self) -> list[int]:
        values = self._call("nvmlDeviceGetFieldValues", self._field_ids)
        return [self._power(name, value) for name, value in zip(self._fields, values, strict=True)]

    def _power(self, field: str, value: Any) -> int:
        failure = self._library.failure(field, value.nvmlReturn)
        if failure is None:
            return int(value.value.uiVal)
        if isinstance(failure, DeviceLostError):
            raise failure
        return int(self._call(_OLDER_CALLS[field]))

    def _prepare_write(self) -> None:
        """Makes sure that it is still this board, and that what is written outlives this process."""
        self._verify()
        if not self._call("nvmlDeviceGetPersistenceMode"):
            self._call("nvmlDeviceSetPersistenceMode", 1)

    def _verify(self) -> None:
        seen = self._call("nvmlDeviceGetUUID")
        if seen != self._info.id:
            raise DeviceLostError(f"the board that was {self._info.id} is now {seen}")

    def _call_if_supported(self, function: str) -> None:
        try:
            self._call(function)
        except NotSupportedError:
            return

    def _call(self, function: str, *arguments: Any) -> Any:
        if self._generation != self._library.generation:
            self._find_again()
            raise DriverReloadedError("the NVIDIA driver was loaded anew; limit and clock lock are gone")
        try:
            return self._library.call(function, self._handle, *arguments)
        except DriverReloadedError:
            self._find_again()
            raise

    def _find_again(self) -> None:
        generation = self._library.generation
        self._handle = self._library.call("nvmlDeviceGetHandleByUUID", self._info.id)
        self._generation = generation
        self._remember_lock(None)

    def _remember_lock(self, mhz: int | None) -> None:
        self._clock_lock_mhz, self._clock_lock_known = mhz, True


def discover(deadline_seconds: float = 1.0) -> DeviceSet:
    """Finds the boards of this node; one that does not answer has its place, and counts at nameplate.

    Args:
        deadline_seconds: How long one call may wait for another that opens the driver again.

    Raises:
        DeviceError: ``pynvml``, the library or the driver is missing.
    """
    library = NvmlLibrary(deadline_seconds)
    library.open()
    found: list[Device] = []
    unreadable: dict[int, DeviceError] = {}
    for index in range(library.call("nvmlDeviceGetCount")):
        try:
            found.append(_device(library, index))
        except DeviceError as error:
            unreadable[index] = error
    nameplate_watts = assumed_nameplate_watts(device.info for device in found)
    found += [UnreadableBoard(index, nameplate_watts, error) for index, error in unreadable.items()]
    return DeviceSet(
        devices=sorted(found, key=lambda device: device.info.index), rest_bound_watts=0, boot_id=boot_id()
    )


def _device(library: NvmlLibrary, index: int) -> NvmlDevice:
    handle = library.call("nvmlDeviceGetHandleByIndex", index)
    return NvmlDevice(library, _info(library, handle, index), handle)


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
