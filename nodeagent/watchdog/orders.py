"""What the watchdog is told, as text: it starts itself anew with nothing but that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from nodeagent.devices.device import DeviceSet
from nodeagent.devices.registry import DriverSettings, discover, with_rest_bound


@dataclass(frozen=True)
class Orders:
    """The few of the agent's settings that the watchdog needs, under the agent's names."""

    node_name: str
    state_dir: str
    devices: tuple[str, ...]
    simulated_socket: str
    sysfs_root: str
    cpu_nameplate_watts: int
    rest_bound_watts: int
    device_deadline_seconds: float
    driver_start_seconds: float
    watchdog_silence_seconds: float

    def find_devices(self) -> DeviceSet:
        """Opens the devices; raises ``DeviceError``."""
        drivers = DriverSettings(
            node_name=self.node_name,
            socket_path=Path(self.simulated_socket),
            call_deadline_seconds=self.device_deadline_seconds,
            sysfs_root=Path(self.sysfs_root),
            cpu_nameplate_watts=self.cpu_nameplate_watts,
            start_seconds=self.driver_start_seconds,
        )
        return with_rest_bound(discover(self.devices, drivers), self.rest_bound_watts)

    def to_text(self) -> str:
        """Returns the orders as one line."""
        return json.dumps(asdict(self))


def read_orders(text: str) -> Orders:
    """Returns the orders of a line that ``to_text`` made."""
    found = json.loads(text)
    return Orders(**{**found, "devices": tuple(found["devices"])})
