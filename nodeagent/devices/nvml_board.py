"""One NVIDIA board: what it draws, and what is set on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nodeagent.devices.device import DeviceInfo, Reading
from nodeagent.devices.errors import DeviceError, DeviceLostError, NotSupportedError, OutOfRangeError
from nodeagent.devices.nvml_details import NvmlDetails, read_details
from nodeagent.devices.nvml_fields import FieldReader
from nodeagent.devices.nvml_instances import instance_uuids
from nodeagent.devices.nvml_library import DriverReloadedError, NvmlLibrary
from nodeagent.devices.restorable import SettingsMemory
from nodeagent.devices.tuning import MEMORY_CLOCK, UNSET

_INSTANT, _ENFORCED, _REQUESTED, _ENERGY = (
    "NVML_FI_DEV_POWER_INSTANT",
    "NVML_FI_DEV_POWER_CURRENT_LIMIT",
    "NVML_FI_DEV_POWER_REQUESTED_LIMIT",
    "NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
)
_FIELDS = {_INSTANT: "I", _ENFORCED: "I", _REQUESTED: "I", _ENERGY: "Q"}
"""What every look reads, with the type of each."""
_CLOCK_SECONDS = 1.0
"""Clocks are for people, and for ceilings that are judged by means over a second."""
_OLDER_CALLS = {
    _INSTANT: "nvmlDeviceGetPowerUsage",
    _ENFORCED: "nvmlDeviceGetEnforcedPowerLimit",
    _REQUESTED: "nvmlDeviceGetPowerManagementLimit",
    _ENERGY: "nvmlDeviceGetTotalEnergyConsumption",
}
"""Where a driver has no such field. The first is a 1-s mean on Ampere and later, not the instant draw."""


_SETTINGS = {
    "power_limit_milliwatts": ("nvmlDeviceGetPowerManagementLimit", "nvmlDeviceSetPowerManagementLimit"),
    "persistence_mode": ("nvmlDeviceGetPersistenceMode", "nvmlDeviceSetPersistenceMode"),
}
"""How each setting that can be read is read and written, in the order in which they are put back."""


class NvmlDevice:
    """One board, found again by its UUID whenever the driver changed.

    NVML cannot read a clock lock back. The lock is what this process wrote last, and unknown before its first
    write; a reload of the driver drops it for certain.
    """

    def __init__(
        self,
        library: NvmlLibrary,
        info: DeviceInfo,
        handle: Any,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._info = info
        self._handle = handle
        self._generation = library.generation
        self._clock_lock_mhz: int | None = None
        self._clock_lock_known = False
        self._settings = SettingsMemory(self.read_settings, clock)
        self._clock = clock
        self._clock_mhz, self._clock_until = 0, float("-inf")
        self._reader = FieldReader(library, tuple(_FIELDS.items()))
        # With the scope (none) beside each: pynvml tries that form first.
        self._field_ids = [(library.constant(name), 0) for name in _FIELDS]

    @property
    def info(self) -> DeviceInfo:
        """What the board said about itself when it was found."""
        return self._info

    def read(self) -> Reading:
        """Returns draw, energy, clock and limits; ``limit_watts`` is the lowest that anybody set."""
        draw, enforced, requested, energy = self._read_fields()
        return Reading(
            draw_watts=draw / 1000.0,
            energy_millijoules=energy,
            limit_watts=enforced / 1000.0,
            requested_watts=requested / 1000.0,
            clock_mhz=self._read_clock_mhz(),
            clock_limit_mhz=self._clock_lock_mhz,
            clock_limit_known=self._clock_lock_known,
            settings=self._settings.get(),
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

    def tunings(self) -> Mapping[str, tuple[str, ...]]:
        """Returns the memory clocks that the board can be locked to; locks are taken from Ampere on."""
        clocks = self._call_if_supported("nvmlDeviceGetSupportedMemoryClocks")
        return {MEMORY_CLOCK: (UNSET, *map(str, clocks))} if clocks else {}

    def write_tuning(self, name: str, value: str) -> None:
        """Locks the memory clock to one of the board's own, or lets go of the lock."""
        values = self.tunings().get(name)
        if values is None:
            raise NotSupportedError(f"{self._info.id} has no setting {name!r}")
        if value not in values:
            raise OutOfRangeError(f"{value!r}: {name} takes {', '.join(values)}")
        self._prepare_write()
        if value == UNSET:
            self._call("nvmlDeviceResetMemoryLockedClocks")
        else:
            self._call("nvmlDeviceSetMemoryLockedClocks", int(value), int(value))

    def read_settings(self) -> Mapping[str, str]:
        """Returns limit (mW) and persistence mode; of clock locks, none is assumed."""
        read = {name: self._call_if_supported(getter) for name, (getter, _) in _SETTINGS.items()}
        return {name: str(value) for name, value in read.items() if value is not None}

    def restore_settings(self, found: Mapping[str, str], *, clock_written: bool) -> None:
        """Lets go of our clock locks, puts the limit back, then persistence mode, which limits depend on."""
        self._verify()
        self._settings.forget()
        if clock_written:
            for reset in ("nvmlDeviceResetGpuLockedClocks", "nvmlDeviceResetMemoryLockedClocks"):
                self._call_if_supported(reset)
            self._remember_lock(None)
        for name in _SETTINGS:
            if name in found:
                self._put_back(name, int(found[name]))

    def instance_uuids(self) -> tuple[str, ...]:
        """Returns the UUIDs of its MIG instances; none where it is not divided."""
        return instance_uuids(self._library, self._handle)

    def minor_number(self) -> int:
        """Returns the N of its file /dev/nvidiaN."""
        return int(self._library.call("nvmlDeviceGetMinorNumber", self._handle))

    def close(self) -> None:
        """Does nothing: other boards use the library too, and what was set stays with persistence mode."""

    def _read_clock_mhz(self) -> int:
        now = self._clock()
        if now >= self._clock_until:
            self._clock_mhz = self._call("nvmlDeviceGetClockInfo", self._library.constant("NVML_CLOCK_SM"))
            self._clock_until = now + _CLOCK_SECONDS
        return self._clock_mhz

    def _read_fields(self) -> Sequence[int]:
        if self._generation == self._library.generation and (read := self._reader.read(self._handle)):
            return read
        values = self._call("nvmlDeviceGetFieldValues", self._field_ids)
        return [self._field(name, value) for name, value in zip(_FIELDS, values, strict=True)]

    def _field(self, field: str, value: Any) -> int:
        failure = self._library.failure(field, value.nvmlReturn) if value.nvmlReturn else None
        if failure is None:
            return int(value.value.ullVal if _FIELDS[field] == "Q" else value.value.uiVal)
        if isinstance(failure, DeviceLostError):
            raise failure
        return int(self._call(_OLDER_CALLS[field]))

    def _prepare_write(self) -> None:
        """Makes sure that it is still this board, and that what is written outlives this process."""
        self._verify()
        self._settings.forget()
        self._clock_until = float("-inf")
        if not self._call("nvmlDeviceGetPersistenceMode"):
            self._call("nvmlDeviceSetPersistenceMode", 1)

    def _verify(self) -> None:
        seen = self._call("nvmlDeviceGetUUID")
        if seen != self._info.id:
            raise DeviceLostError(f"the board that was {self._info.id} is now {seen}")

    def _put_back(self, name: str, wanted: int) -> None:
        getter, setter = _SETTINGS[name]
        if self._call(getter) == wanted:
            return
        self._call(setter, wanted)
        seen = self._call(getter)
        if seen != wanted:
            raise DeviceError(f"{name}: {seen} was read back instead of {wanted}")

    def _call_if_supported(self, function: str) -> Any:
        try:
            return self._call(function)
        except NotSupportedError:
            return None

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
        self._settings.forget()
        self._remember_lock(None)

    def _remember_lock(self, mhz: int | None) -> None:
        self._clock_lock_mhz, self._clock_lock_known = mhz, True
