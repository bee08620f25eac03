"""RAPL's ``psys`` zone as the meter of the whole node.

What the zone covers is the board's affair: on some it is the whole machine, on others all but the cards. So
it is used only where a person says that it covers everything.
"""

from __future__ import annotations

from nodeagent.devices.errors import NotSupportedError
from nodeagent.devices.rapl import RaplZone
from nodeagent.devices.sysfs import Sysfs

_NAME = "psys"


class PlatformMeter:
    """The energy counter of the platform.

    Args:
        zone: Its zone.
    """

    def __init__(self, zone: RaplZone) -> None:
        self._zone = zone
        self.energy_range_millijoules = zone.energy_range_microjoules // 1000

    def read_energy_millijoules(self) -> int:
        """Returns the counter; raises ``DeviceError``."""
        return self._zone.energy_microjoules() // 1000


def find_platform_meter(sysfs: Sysfs) -> PlatformMeter:
    """Returns the meter of the platform.

    Raises:
        NotSupportedError: The kernel shows no such zone.
        DeviceError: What is there cannot be read.
    """
    for path in sysfs.folders("class/powercap/intel-rapl*:*"):
        if path.count(":") == 1 and sysfs.text(f"{path}/name") == _NAME:
            return PlatformMeter(RaplZone(sysfs, path))
    raise NotSupportedError("--node-meter=psys: the kernel shows no RAPL zone of that name on this node")
