"""What a board says beyond draw and limits: temperature, why it is slow, MIG, workload power profiles."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from nodeagent.devices.errors import NotSupportedError
from nodeagent.devices.nvml_library import NvmlLibrary

T = TypeVar("T")
Call = Callable[..., Any]

THROTTLE_REASONS = {
    0x1: "GpuIdle",
    0x2: "ApplicationsClocksSetting",
    0x4: "SwPowerCap",
    0x8: "HwSlowdown",
    0x10: "SyncBoost",
    0x20: "SwThermalSlowdown",
    0x40: "HwThermalSlowdown",
    0x80: "HwPowerBrakeSlowdown",
    0x100: "DisplayClockSetting",
}
"""nvmlClocksEventReason* of nvml.h, without the prefix."""

_PROFILE_PREFIX = "NVML_POWER_PROFILE_"
_PROFILES = (
    "MAX_P",
    "MAX_Q",
    "COMPUTE",
    "MEMORY_BOUND",
    "NETWORK",
    "BALANCED",
    "LLM_INFERENCE",
    "LLM_TRAINING",
    "RBM",
    "DCPCIE",
    "HMMA_SPARSE",
    "HMMA_DENSE",
    "SYNC_BALANCED",
    "HPC",
    "MIG",
)


@dataclass(frozen=True)
class WorkloadProfiles:
    """Workload power profiles by name: those that the board has, those asked for, those in force."""

    available: tuple[str, ...]
    requested: tuple[str, ...]
    enforced: tuple[str, ...]


@dataclass(frozen=True)
class NvmlDetails:
    """What a board says of itself; None where it does not say.

    Attributes:
        driver_version: Version of the kernel driver.
        temperature_celsius: Of the GPU core.
        throttle_reasons: Why its clock is not higher; ``SwPowerCap`` is a watt limit that binds.
        persistence_mode: Whether settings stay when the last process that uses the driver ends.
        mig_enabled: Whether it is shared out in instances; limit and draw are the board's all the same.
        profiles: Workload power profiles; None before Blackwell.
    """

    driver_version: str
    temperature_celsius: int | None
    throttle_reasons: tuple[str, ...] | None
    persistence_mode: bool | None
    mig_enabled: bool | None
    profiles: WorkloadProfiles | None


def read_details(library: NvmlLibrary, call: Call) -> NvmlDetails:
    """Reads the details of one board.

    Args:
        library: The library.
        call: Calls a function of NVML on the board.

    Raises:
        DeviceError: The board does not answer.
    """
    core = library.constant("NVML_TEMPERATURE_GPU")
    return NvmlDetails(
        driver_version=library.call("nvmlSystemGetDriverVersion"),
        temperature_celsius=_if_supported(lambda: int(call("nvmlDeviceGetTemperature", core))),
        throttle_reasons=_if_supported(lambda: _reasons(call("nvmlDeviceGetCurrentClocksEventReasons"))),
        persistence_mode=_if_supported(lambda: bool(call("nvmlDeviceGetPersistenceMode"))),
        mig_enabled=_if_supported(lambda: bool(call("nvmlDeviceGetMigMode")[0])),
        profiles=_if_supported(lambda: _profiles(library, call)),
    )


def _if_supported(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except NotSupportedError:
        return None


def _reasons(mask: int) -> tuple[str, ...]:
    return tuple(name for bit, name in THROTTLE_REASONS.items() if mask & bit)


def _profiles(library: NvmlLibrary, call: Call) -> WorkloadProfiles:
    answer = library.structure("c_nvmlWorkloadPowerProfileCurrentProfiles_v1_t")
    call("nvmlDeviceWorkloadPowerProfileGetCurrentProfiles", ctypes.byref(answer))
    names = {library.constant(_PROFILE_PREFIX + name): name for name in _PROFILES}
    return WorkloadProfiles(
        available=_set_profiles(answer.perfProfilesMask, names),
        requested=_set_profiles(answer.requestedProfilesMask, names),
        enforced=_set_profiles(answer.enforcedProfilesMask, names),
    )


def _set_profiles(mask: Any, names: dict[int, str]) -> tuple[str, ...]:
    bits = (32 * word + bit for word, value in enumerate(mask.mask) for bit in range(32) if value >> bit & 1)
    return tuple(names.get(number, f"profile-{number}") for number in bits)
