"""Devices in memory that do what real ones are seen to do when something is wrong with them.

Real behaviour that each fault stands for: `refuse` is NVML_ERROR_NO_PERMISSION (or EACCES of sysfs), `ignore`
a board whose firmware answers success and keeps its limit, `lost` NVML_ERROR_GPU_IS_LOST (off the bus),
`hang` a driver call that does not come back (a wedged GSP; the caller sits in D state).
"""

import threading

from nodeagent.devices.device import KIND_GPU, DeviceInfo, Reading
from nodeagent.devices.errors import DeviceLostError, NoPermissionError


def gpu_info(name="GPU-0", *, floor=200, nameplate=700, ratio=0.02, settle=0.8, index=0):
    return DeviceInfo(
        id=name,
        kind=KIND_GPU,
        index=index,
        model="fake",
        floor_watts=floor,
        nameplate_watts=nameplate,
        minimum_clock_mhz=300,
        maximum_clock_mhz=2000,
        one_second_excursion_ratio=ratio,
        settle_seconds=settle,
    )


class FakeDevice:
    """A device whose settings outlive the agent that wrote them."""

    def __init__(self, info=None, *, limit=None, draw=100.0):
        self._info = info or gpu_info()
        self.limit = float(self._info.nameplate_watts if limit is None else limit)
        self.clock_limit = None
        self.draw = draw
        self.fault = ""
        self.writes = []
        self.released = threading.Event()

    @property
    def info(self):
        return self._info

    def read(self):
        self._misbehave()
        return Reading(
            draw_watts=min(self.draw, self.limit),
            energy_millijoules=0,
            limit_watts=self.limit,
            requested_watts=self.limit,
            clock_mhz=1500,
            clock_limit_mhz=self.clock_limit,
        )

    def write_power_limit(self, watts):
        self._misbehave()
        if self.fault == "refuse":
            raise NoPermissionError("not allowed")
        self.writes.append(("watts", watts))
        if self.fault != "ignore":
            self.limit = float(watts)

    def write_clock_limit(self, mhz):
        self._misbehave()
        if self.fault == "refuse":
            raise NoPermissionError("not allowed")
        self.writes.append(("clock", mhz))
        if self.fault != "ignore":
            self.clock_limit = mhz

    def close(self):
        pass

    def _misbehave(self):
        if self.fault == "lost":
            raise DeviceLostError("fallen off the bus")
        if self.fault == "hang":
            self.released.wait(30.0)
