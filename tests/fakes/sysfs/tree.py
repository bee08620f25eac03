"""Builds a sysfs of CPU packages: powercap zones and cpufreq policies, as plain files.

Layout, names and units as a two-socket Xeon shows them (Documentation/power/powercap/powercap.rst and
Documentation/admin-guide/pm/cpufreq.rst of the kernel). Plain files take every value; what the kernel would
refuse is the driver's to know, or is acted out by a test.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MICRO = 1_000_000
NOBODY = 65534


class SysfsTree:
    """A sysfs under ``root``; attributes are read and written by their path in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, value: object) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{value}\n")

    def read(self, path: str) -> str:
        return (self.root / path).read_text().strip()

    def zone(self, path: str, name: str, *, energy_range_microjoules: int = 262_143_328_850) -> None:
        """A zone that only meters, as AMD's are, and those of cores and memory."""
        self.write(f"class/powercap/{path}/name", name)
        self.write(f"class/powercap/{path}/energy_uj", 0)
        self.write(f"class/powercap/{path}/max_energy_range_uj", energy_range_microjoules)

    def limits(self, path: str, *, long_watts: int, short_watts: int, rated_watts: int = 350) -> None:
        """Gives a zone its two limits."""
        zone = f"class/powercap/{path}"
        self.write(f"{zone}/enabled", 1)
        for number, (name, watts) in enumerate((("long_term", long_watts), ("short_term", short_watts))):
            self.write(f"{zone}/constraint_{number}_name", name)
            self.write(f"{zone}/constraint_{number}_power_limit_uw", watts * MICRO)
        self.write(f"{zone}/constraint_0_max_power_uw", rated_watts * MICRO)

    def package(self, number: int, *, prefix: str = "intel-rapl", watts: int = 350) -> str:
        """A package with its cores and memory below it; returns its zone's folder."""
        zone = f"{prefix}:{number}"
        self.zone(zone, f"package-{number}")
        self.limits(zone, long_watts=watts, short_watts=watts * 6 // 5)
        self.zone(f"{zone}:0", "core")
        self.zone(f"{zone}:1", "dram")
        return f"class/powercap/{zone}"

    def policy(
        self, cpu: int, *, package: int = 0, highest_khz: int = 3_800_000, preference: bool = True
    ) -> str:
        """The policy of one core; returns its folder."""
        path = f"devices/system/cpu/cpufreq/policy{cpu}"
        attributes: dict[str, object] = {
            "affected_cpus": cpu,
            "cpuinfo_min_freq": 800_000,
            "cpuinfo_max_freq": highest_khz,
            "scaling_max_freq": highest_khz,
            "scaling_cur_freq": 2_100_000,
            "scaling_governor": "powersave",
        }
        if preference:
            attributes["energy_performance_preference"] = "balance_performance"
            attributes["energy_performance_available_preferences"] = (
                "default performance balance_performance balance_power power"
            )
        for name, value in attributes.items():
            self.write(f"{path}/{name}", value)
        self.write(f"devices/system/cpu/cpu{cpu}/topology/physical_package_id", package)
        return path

    def pci(self, number: int, *, vendor: str = "0x10de", kind: str = "0x030200") -> None:
        """A device on the PCI bus; without more said, an NVIDIA board."""
        folder = f"bus/pci/devices/0000:{number:02}:00.0"
        self.write(f"{folder}/vendor", vendor)
        self.write(f"{folder}/class", kind)

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Inside of the block no attribute can be written, by root neither."""
        files = [path for path in self.root.rglob("*") if path.is_file()]
        for path in files:
            path.chmod(0o444)
        with self.unprivileged():
            yield
        for path in files:
            path.chmod(0o644)

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    @contextlib.contextmanager
    def unprivileged(self) -> Iterator[None]:
        """Inside of the block this process is not root, who may write what nobody may."""
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
