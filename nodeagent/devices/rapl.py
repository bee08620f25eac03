"""Watt limits and energy of CPU packages, by the kernel's powercap interface (RAPL).

Names, units and the rules of the counters: Documentation/power/powercap/powercap.rst of the kernel.
Zones overlap: cores are part of their package, and ``psys`` is the whole platform. A package is metered and
limited by one zone, and nothing is summed with its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nodeagent.devices.errors import NotSupportedError
from nodeagent.devices.sysfs import Sysfs

_LIMITS = ("long_term", "short_term")
"""Both are written: a mean over the long window alone lets a package draw up to the other for its length.

``peak_power`` acts on microseconds and guards the board's regulators: it stays as it is."""


class RaplZone:
    """One zone of powercap.

    Args:
        sysfs: Where sysfs is mounted.
        path: The zone's folder.
    """

    def __init__(self, sysfs: Sysfs, path: str) -> None:
        self.path = path
        self.name = sysfs.text(f"{path}/name")
        self._sysfs = sysfs
        constraints = {self._constraint_name(number): number for number in self._constraint_numbers()}
        self._constraints = [f"{path}/constraint_{constraints[n]}" for n in _LIMITS if n in constraints]

    @property
    def limits_watts(self) -> bool:
        """Whether it has a limit at all; AMD's zones only have a counter."""
        return bool(self._constraints)

    @property
    def energy_range_microjoules(self) -> int:
        """Where the counter starts again at zero."""
        return self._sysfs.number(f"{self.path}/max_energy_range_uj")

    def energy_microjoules(self) -> int:
        """Returns the counter; since CVE-2020-8694 only root may."""
        return self._sysfs.number(f"{self.path}/energy_uj")

    def maximum_watts(self) -> float | None:
        """Returns the package's rated power; None where the kernel does not know it."""
        path = f"{self._constraints[0]}_max_power_uw" if self._constraints else ""
        return self._sysfs.number(path) / 1e6 or None if path and self._sysfs.has(path) else None

    def minimum_watts(self) -> float | None:
        """Returns the lowest limit that makes sense; None where the kernel does not know it."""
        path = f"{self._constraints[0]}_min_power_uw" if self._constraints else ""
        return self._sysfs.number(path) / 1e6 or None if path and self._sysfs.has(path) else None

    def limit_watts(self) -> float | None:
        """Returns the mean that is kept over the long window; None where none is enforced."""
        if not self._constraints or not self._enabled():
            return None
        return self._sysfs.number(f"{self._constraints[0]}_power_limit_uw") / 1e6

    def write_limit(self, watts: float) -> None:
        """Limits the mean over the long and the short window, and has the limits enforced.

        Raises:
            NotSupportedError: The zone has no limit.
            NoPermissionError: It may not be written, or the firmware locked it.
        """
        if not self._constraints:
            raise NotSupportedError(f"{self.path}: the package has a meter, but no limit")
        # The one that is read comes last: one who dies in between leaves a limit that does not look kept.
        for constraint in reversed(self._constraints):
            self._sysfs.write(f"{constraint}_power_limit_uw", round(watts * 1e6))
        if not self._enabled():
            self._sysfs.write(f"{self.path}/enabled", 1)

    def read_settings(self) -> Mapping[str, str]:
        """Returns every attribute that ``write_limit`` may change, by its path."""
        paths = [f"{constraint}_power_limit_uw" for constraint in self._constraints]
        enabled = f"{self.path}/enabled"
        if self._constraints and self._sysfs.has(enabled):
            paths.append(enabled)
        return {path: self._sysfs.text(path) for path in paths}

    def _enabled(self) -> bool:
        path = f"{self.path}/enabled"
        return not self._sysfs.has(path) or bool(self._sysfs.number(path))

    def _constraint_numbers(self) -> list[int]:
        numbers: list[int] = []
        while self._sysfs.has(f"{self.path}/constraint_{len(numbers)}_power_limit_uw"):
            numbers.append(len(numbers))
        return numbers

    def _constraint_name(self, number: int) -> str:
        path = f"{self.path}/constraint_{number}_name"
        return self._sysfs.text(path) if self._sysfs.has(path) else _LIMITS[min(number, 1)]


@dataclass(frozen=True)
class RaplPackage:
    """A package: the zone that it is metered and limited by, and others that limit the same package.

    Client boards limit a package by a register and by memory-mapped I/O at once; the lower of both holds.
    """

    package_id: int
    zone: RaplZone
    overlapping: tuple[RaplZone, ...] = ()

    def enforced_watts(self) -> float | None:
        """Returns the lowest limit of all of the package's zones; None where none is enforced."""
        limits = [zone.limit_watts() for zone in (self.zone, *self.overlapping)]
        return min((limit for limit in limits if limit is not None), default=None)


def find_packages(sysfs: Sysfs) -> list[RaplPackage]:
    """Finds the packages; AMD's bear Intel's name too. Sub-zones (core, dram) and ``psys`` are no packages.

    Dies of one package that are limited apart (``package-0-die-1``) are numbered as packages of their own.
    """
    zones = [
        RaplZone(sysfs, path)
        for path in sysfs.folders("class/powercap/intel-rapl*:*")
        if path.count(":") == 1
    ]
    packages: dict[str, list[RaplZone]] = {}
    for zone in sorted(zones, key=_is_memory_mapped):
        if zone.name.startswith("package-"):
            packages.setdefault(zone.name, []).append(zone)
    return _numbered([packages[name] for name in sorted(packages, key=lambda n: (len(n), n))])


def _is_memory_mapped(zone: RaplZone) -> bool:
    return "mmio" in zone.path


def _numbered(groups: Sequence[Sequence[RaplZone]]) -> list[RaplPackage]:
    with_dies = any("-die-" in zones[0].name for zones in groups)
    return [
        RaplPackage(
            package_id=order if with_dies else int(zones[0].name.removeprefix("package-")),
            zone=zones[0],
            overlapping=tuple(zones[1:]),
        )
        for order, zones in enumerate(groups)
    ]
