"""The calls that a driver offers on a simulated node's devices, with the faults that calls can meet."""

from __future__ import annotations

from common.twin.errors import CallTimeoutError
from common.twin.faults import DeviceFaults
from common.twin.inventory import gpu_info, package_info, reading
from common.twin.messages import (
    FAULT_UNENFORCED_LIMIT,
    DeviceReading,
    NodeInventory,
    NodeReading,
    SettingDifference,
    Truth,
)
from common.twin.node import SimulatedNode


class NodeDriver:
    """The same calls as ``wire.TwinClient``, in process: what a host of nodes serves, and what tests use.

    A hanging device raises ``CallTimeoutError`` at once here; a host that serves a socket asks ``hangs``
    first and keeps its caller waiting.
    """

    def __init__(self, node: SimulatedNode) -> None:
        self.node = node
        self.faults = DeviceFaults()
        self._last_readings: dict[str, DeviceReading] = {}
        self._now = 0.0

    def step(self, dt: float) -> None:
        """Lets ``dt`` seconds pass on the node and for its faults."""
        self._now += dt
        for name, device in self.node.devices.items():
            device.obeys_limit = not self.faults.active(name, FAULT_UNENFORCED_LIMIT, self._now)
        self.node.step(dt)

    def inject_fault(self, device: str, kind: str, seconds: float | None = None) -> None:
        """Breaks a device for so many seconds, or until ``faults.clear`` (kinds: ``messages.FAULTS``)."""
        self.node.device(device)
        self.faults.inject(device, kind, self._now, seconds)

    def hangs(self, device: str) -> bool:
        """Whether calls on a device get no answer now."""
        return self.faults.hangs(device, self._now)

    def discover(self) -> NodeInventory:
        """Returns the node's devices and its boot id."""
        return NodeInventory(
            node_name=self.node.name,
            boot_id=self.node.boot_id,
            rest_bound_watts=self.node.model.rest_bound_watts,
            gpus=[gpu_info(gpu) for gpu in self.node.gpus],
            packages=[package_info(package) for package in self.node.packages],
        )

    def read(self, device: str) -> DeviceReading:
        """Returns one look at a device; raises ``DeviceLostError`` or ``CallTimeoutError``."""
        self._answer(device)
        self.faults.check(device, self._now)
        if not (self.faults.freezes(device, self._now) and device in self._last_readings):
            self._last_readings[device] = reading(self.node.device(device))
        return self._last_readings[device]

    def read_node(self) -> NodeReading:
        """Returns one look at the node as a whole."""
        rest = self.node.metered_rest_watts
        return NodeReading(
            boot_id=self.node.boot_id,
            rest_watts=rest,
            platform_watts=rest + sum(device.draw_watts for device in self.node.devices.values()),
            uptime_seconds=self.node.uptime_seconds,
        )

    def set_power_limit(self, device: str, watts: float) -> None:
        """Asks for a limit, in watts; raises a ``TwinError`` where the device refuses."""
        self._answer(device)
        if self.faults.admits_write(device, self._now):
            self.node.device(device).set_power_limit(watts)

    def set_clock_lock(self, device: str, mhz: int | None) -> None:
        """Sets the highest clock, in MHz; None lets go of it. Raises a ``TwinError`` where refused."""
        self._answer(device)
        if self.faults.admits_write(device, self._now):
            self.node.device(device).set_clock_lock(mhz)

    def reset(self, device: str) -> None:
        """Gives a device back its own defaults. Raises a ``TwinError`` where refused."""
        self._answer(device)
        if self.faults.admits_write(device, self._now):
            self.node.device(device).reset()

    def close(self) -> None:
        """Does nothing: there is no connection to close."""

    def differences(self) -> list[SettingDifference]:
        """Returns every setting that is not as found."""
        return [
            SettingDifference(node=self.node.name, device=device, setting=setting, original=then, current=now)
            for device, settings in self.node.settings().items()
            for setting, now, then in zip(
                settings._fields, settings, self.node.found_settings[device], strict=True
            )
            if now != then
        ]

    def truth(self) -> Truth:
        """Returns the true draw, part by part."""
        return Truth(
            total_watts=self.node.true_draw_watts,
            gpu_watts={gpu.uuid: gpu.true_draw_watts for gpu in self.node.gpus},
            package_watts={package.device: package.true_draw_watts for package in self.node.packages},
            rest_watts=self.node.rest_watts,
            limits_watts={name: device.requested_limit_watts for name, device in self.node.devices.items()},
        )

    def _answer(self, device: str) -> None:
        self.node.device(device)
        if self.hangs(device):
            raise CallTimeoutError(f"{device} of {self.node.name} does not answer")
