"""Driver of CPU packages: RAPL for watts, cpufreq for clocks, each where the host has it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nodeagent.devices.cpufreq import ClockPolicies, find_policies
from nodeagent.devices.device import KIND_CPU, Device, DeviceInfo, DeviceSet, Reading
from nodeagent.devices.energy_counter import EnergyCounter
from nodeagent.devices.errors import DeviceError, NotSupportedError
from nodeagent.devices.host import boot_id
from nodeagent.devices.rapl import RaplPackage, find_packages
from nodeagent.devices.restorable import SettingsMemory
from nodeagent.devices.sysfs import Sysfs
from nodeagent.devices.tuning import ENERGY_PREFERENCE

ONE_SECOND_EXCURSION_RATIO = 0.05
"""Chosen, not measured: both windows are held to the limit, the short one of which is milliseconds long."""
SETTLE_SECONDS = 1.0
"""Chosen, not measured: the long window of servers is a second."""
FALLBACK_FLOOR_RATIO = 0.25
"""Of the rated power, where the kernel names no lowest limit: under it the lowest clock draws more."""


@dataclass(frozen=True)
class CpuSettings:
    """Where packages are found.

    Attributes:
        sysfs_root: Where the host's sysfs is mounted.
        fallback_nameplate_watts: Rated power of a package whose kernel does not know it.
    """

    sysfs_root: Path = Path("/sys")
    fallback_nameplate_watts: int = 500


class CpuPackage:
    """One package.

    Where it has no meter it is taken to draw its nameplate, because nobody can say that it draws less.

    Args:
        sysfs: Where sysfs is mounted.
        info: What it said about itself.
        rapl: Its meter and limit, if it has any.
        clocks: Its clock policies, if it has any.
        meter: Its draw.
    """

    def __init__(
        self,
        sysfs: Sysfs,
        info: DeviceInfo,
        rapl: RaplPackage | None,
        clocks: ClockPolicies | None,
        meter: EnergyCounter,
    ) -> None:
        self._sysfs = sysfs
        self._info = info
        self._rapl = rapl
        self._clocks = clocks
        self._meter = meter
        self._settings = SettingsMemory(self.read_settings, time.monotonic)

    @property
    def info(self) -> DeviceInfo:
        """What the package said about itself when it was found."""
        return self._info

    def read(self) -> Reading:
        """Returns mean draw since the last reading, energy, limits and clock."""
        draw_watts, energy_microjoules = self._meter.read()
        enforced = self._rapl.enforced_watts() if self._rapl else None
        requested = self._rapl.zone.limit_watts() if self._rapl else None
        top = float(self._info.nameplate_watts)
        return Reading(
            draw_watts=draw_watts,
            energy_millijoules=energy_microjoules // 1000,
            limit_watts=top if enforced is None else enforced,
            requested_watts=top if requested is None else requested,
            clock_mhz=self._clocks.clock_mhz() if self._clocks else 0,
            clock_limit_mhz=self._clocks.ceiling_mhz() if self._clocks else None,
            settings=self._settings.get(),
        )

    def write_power_limit(self, watts: float) -> None:
        """Asks for a watt limit."""
        if self._rapl is None:
            raise NotSupportedError(f"{self._info.id}: no RAPL zone limits this package")
        self._settings.forget()
        self._rapl.zone.write_limit(watts)

    def write_clock_limit(self, mhz: int | None) -> None:
        """Asks for a ceiling on every core's clock; None lets go of it."""
        if self._clocks is None:
            raise NotSupportedError(f"{self._info.id}: the kernel offers no cpufreq for this package")
        self._settings.forget()
        self._clocks.write_ceiling(mhz)

    def tunings(self) -> Mapping[str, tuple[str, ...]]:
        """Returns the energy-performance preferences, where the processor has any."""
        found = self._clocks.preferences() if self._clocks else ()
        return {ENERGY_PREFERENCE: found} if found else {}

    def write_tuning(self, name: str, value: str) -> None:
        """Sets the preference of every core."""
        if self._clocks is None or name not in self.tunings():
            raise NotSupportedError(f"{self._info.id} has no setting {name!r}")
        self._settings.forget()
        self._clocks.write_energy_performance_preference(value)

    def read_settings(self) -> Mapping[str, str]:
        """Returns limits, ceilings and preferences as found, by path under the sysfs root."""
        limits = self._rapl.zone.read_settings() if self._rapl else {}
        return {**limits, **(self._clocks.read_settings() if self._clocks else {})}

    def restore_settings(self, found: Mapping[str, str], *, clock_written: bool = False) -> None:
        """Puts back what ``read_settings`` returned; paths that are not of this package are refused."""
        present = self.read_settings()
        unknown = sorted(set(found) - set(present))
        if unknown:
            raise NotSupportedError(f"{self._info.id} has no setting {unknown[0]}")
        self._settings.forget()
        if self._clocks:
            self._clocks.forget_asked()
        for path, value in found.items():
            if present[path] != value:
                self._sysfs.write(path, value)
                self._check(path, value)

    def _check(self, path: str, wanted: str) -> None:
        seen = self._sysfs.text(path)
        if seen != wanted:
            raise DeviceError(f"{path}: {seen} was read back instead of {wanted}")

    def close(self) -> None:
        """Does nothing: files are opened for each access."""


def discover(
    settings: CpuSettings,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> DeviceSet:
    """Finds the packages of this node; none where the host shows neither RAPL nor cpufreq.

    Args:
        settings: Where to look.
        clock: Monotonic seconds.
        pause: Waits.

    Raises:
        DeviceError: What is there cannot be read.
    """
    sysfs = Sysfs(settings.sysfs_root)
    zones = {package.package_id: package for package in find_packages(sysfs)}
    policies = find_policies(sysfs)
    devices: list[Device] = []
    for number in sorted(zones.keys() | policies.keys()):
        rapl, clocks = zones.get(number), policies.get(number)
        info = _info(number, rapl, clocks, settings)
        meter = _meter(rapl, info, clock, pause)
        devices.append(CpuPackage(sysfs, info, rapl, clocks, meter))
    return DeviceSet(devices=devices, rest_bound_watts=0, boot_id=boot_id(), read_boot_id=boot_id)


def _info(
    number: int, rapl: RaplPackage | None, clocks: ClockPolicies | None, settings: CpuSettings
) -> DeviceInfo:
    rated = rapl.zone.maximum_watts() if rapl else None
    nameplate = rated or float(settings.fallback_nameplate_watts)
    floor = (rapl.zone.minimum_watts() if rapl else None) or nameplate * FALLBACK_FLOOR_RATIO
    return DeviceInfo(
        id=f"package-{number}",
        kind=KIND_CPU,
        index=number,
        model="CPU package",
        floor_watts=math.ceil(floor),
        nameplate_watts=math.floor(nameplate),
        minimum_clock_mhz=clocks.minimum_mhz if clocks else 0,
        maximum_clock_mhz=clocks.maximum_mhz if clocks else 0,
        one_second_excursion_ratio=ONE_SECOND_EXCURSION_RATIO,
        settle_seconds=SETTLE_SECONDS,
        energy_range_millijoules=rapl.zone.energy_range_microjoules // 1000 if rapl else 0,
        limits_watts=rapl is not None and rapl.zone.limits_watts,
    )


def _meter(
    rapl: RaplPackage | None, info: DeviceInfo, clock: Callable[[], float], pause: Callable[[float], None]
) -> EnergyCounter:
    if rapl:
        return EnergyCounter(rapl.zone.energy_microjoules, rapl.zone.energy_range_microjoules, clock, pause)
    return EnergyCounter(lambda: round(clock() * info.nameplate_watts * 1e6), 0, clock, pause)
