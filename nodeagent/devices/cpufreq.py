"""Clock ceilings of CPUs, by the kernel's cpufreq interface.

Names and units (kHz): Documentation/admin-guide/pm/cpufreq.rst and intel_pstate.rst of the kernel. A policy
is a group of CPUs that share a clock, on most servers one core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodeagent.devices.errors import DeviceError, NotSupportedError, OutOfRangeError
from nodeagent.devices.sysfs import Sysfs

_KILO = 1000
_EPP = "energy_performance_preference"


class ClockPolicies:
    """The policies of one package.

    Args:
        sysfs: Where sysfs is mounted.
        paths: Folders of the policies, at least one.
    """

    def __init__(self, sysfs: Sysfs, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        self._sysfs = sysfs
        self._ranges = {path: self._range_khz(path) for path in paths}
        self._asked_mhz: int | None = None

    @property
    def minimum_mhz(self) -> int:
        """The lowest clock of any of its cores."""
        return min(lowest for lowest, _ in self._ranges.values()) // _KILO

    @property
    def maximum_mhz(self) -> int:
        """The highest clock of any of its cores."""
        return max(highest for _, highest in self._ranges.values()) // _KILO

    def clock_mhz(self) -> int:
        """Returns the present clock of the first core: asking a core may wake it, so not all are asked."""
        return self._sysfs.number(f"{self.paths[0]}/scaling_cur_freq") // _KILO

    def ceiling_mhz(self) -> int | None:
        """Returns the ceiling of the first core; None where that is its own highest clock."""
        path = self.paths[0]
        ceiling = self._sysfs.number(f"{path}/scaling_max_freq")
        if self._asked_mhz is not None and ceiling == self._clamped_khz(path, self._asked_mhz):
            return self._asked_mhz
        return None if ceiling >= self._ranges[path][1] else ceiling // _KILO

    def write_ceiling(self, mhz: int | None) -> None:
        """Sets the ceiling of every core, as far as its own range goes; None means its highest clock.

        Raises:
            OutOfRangeError: No core has such a clock.
            DeviceError: A core could not be written, or kept a higher ceiling; the others were still tried.
        """
        if mhz is not None and not self.minimum_mhz <= mhz <= self.maximum_mhz:
            span = f"{self.minimum_mhz:,} to {self.maximum_mhz:,} MHz"
            raise OutOfRangeError(f"{mhz:,} MHz: the cores take {span}")
        self._asked_mhz = mhz
        # The core that is read comes last: one who dies in between leaves a ceiling that does not look kept.
        failures = [e for path in reversed(self.paths) if (e := self._try_ceiling(path, mhz)) is not None]
        if failures:
            raise failures[0]

    def governor(self) -> str:
        """Returns the first core's governor."""
        return self._sysfs.text(f"{self.paths[0]}/scaling_governor")

    def energy_performance_preference(self) -> str | None:
        """Returns the first core's preference; None where the processor has none."""
        path = f"{self.paths[0]}/{_EPP}"
        return self._sysfs.text(path) if self._sysfs.has(path) else None

    def preferences(self) -> tuple[str, ...]:
        """Returns the preferences that the first core knows; none where the processor has no such setting."""
        path = f"{self.paths[0]}/energy_performance_available_preferences"
        return tuple(self._sysfs.text(path).split()) if self._sysfs.has(path) else ()

    def write_energy_performance_preference(self, preference: str) -> None:
        """Sets the preference of every core.

        Raises:
            NotSupportedError: The processor has none.
            OutOfRangeError: It has none of that name.
        """
        for path in reversed(self.paths):
            if not self._sysfs.has(f"{path}/{_EPP}"):
                raise NotSupportedError(f"{path}/{_EPP}: the processor has no such setting")
            available = self._sysfs.text(f"{path}/energy_performance_available_preferences").split()
            if preference not in available:
                raise OutOfRangeError(f"{preference!r}: the processor knows {', '.join(available)}")
            self._sysfs.write(f"{path}/{_EPP}", preference)

    def read_settings(self) -> Mapping[str, str]:
        """Returns ceiling and preference of every core, by path."""
        names = [f"{path}/{name}" for path in self.paths for name in ("scaling_max_freq", _EPP)]
        return {name: self._sysfs.text(name) for name in names if self._sysfs.has(name)}

    def forget_asked(self) -> None:
        """Settings were put back as found: from here on the ceiling is what is read."""
        self._asked_mhz = None

    def _try_ceiling(self, path: str, mhz: int | None) -> DeviceError | None:
        wanted = self._ranges[path][1] if mhz is None else self._clamped_khz(path, mhz)
        name = f"{path}/scaling_max_freq"
        try:
            self._sysfs.write(name, wanted)
            seen = self._sysfs.number(name)
        except DeviceError as error:
            return error
        # A lower one is another owner's: the kernel keeps the lowest of all that were asked for.
        return (
            None if seen <= wanted else DeviceError(f"{name}: asked for {wanted} kHz, {seen} was read back")
        )

    def _clamped_khz(self, path: str, mhz: int) -> int:
        lowest, highest = self._ranges[path]
        return min(max(mhz * _KILO, lowest), highest)

    def _range_khz(self, path: str) -> tuple[int, int]:
        return self._sysfs.number(f"{path}/cpuinfo_min_freq"), self._sysfs.number(f"{path}/cpuinfo_max_freq")


def find_policies(sysfs: Sysfs) -> dict[int, ClockPolicies]:
    """Finds the policies of every package, by its number; those without a CPU online are left out."""
    by_package: dict[int, list[str]] = {}
    for path in sysfs.folders("devices/system/cpu/cpufreq/policy*"):
        cpus = sysfs.text(f"{path}/affected_cpus").split()
        if cpus:
            package = sysfs.number(f"devices/system/cpu/cpu{cpus[0]}/topology/physical_package_id")
            by_package.setdefault(package, []).append(path)
    return {package: ClockPolicies(sysfs, paths) for package, paths in by_package.items()}
