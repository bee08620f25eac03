"""What the simulated hardware says of itself, past every agent: limits in force, settings not as found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from common.twin.gpu_model import GPU_MODELS, H100
from common.twin.node import NodeModel
from common.twin.wire import AdminClient, NodeInventory, SettingDifference, TwinClient

_POLL_SECONDS = 0.02


class Hardware:
    """Direct lines to the devices of all nodes."""

    def __init__(self, socket: Path, nodes: Sequence[str]) -> None:
        self._admin = AdminClient(socket)
        self._drivers = {node: TwinClient(socket, node) for node in nodes}
        self._inventories: dict[str, NodeInventory] = {
            node: driver.discover() for node, driver in self._drivers.items()
        }

    @property
    def devices(self) -> int:
        """How many devices there are, GPUs and CPU packages."""
        return sum(len(each.gpus) + len(each.packages) for each in self._inventories.values())

    def gpus(self, node: str) -> list[str]:
        """Returns the UUIDs of a node's GPUs."""
        return [gpu.uuid for gpu in self._inventories[node].gpus]

    def start_trace(self, speed: float, offset_seconds: float) -> None:
        """Plays the load trace from an offset on."""
        self._admin.start_trace(speed, offset_seconds)

    def exposure_watts(self) -> float:
        """Returns the most that all nodes together may draw over a second under the limits in force."""
        return sum(map(self._node_exposure_watts, self._inventories))

    def seconds_until_at_most(self, watts: float, timeout_seconds: float) -> float:
        """Waits until the limits in force add up to at most ``watts``; returns the seconds it took.

        Raises:
            TimeoutError: they did not.
        """
        began = time.monotonic()
        while self.exposure_watts() > watts + 0.5:
            if time.monotonic() - began > timeout_seconds:
                raise TimeoutError(
                    f"limits still add up to {self.exposure_watts():,.0f} W, not {watts:,.0f} W"
                )
            time.sleep(_POLL_SECONDS)
        return time.monotonic() - began

    def differences(self) -> list[SettingDifference]:
        """Returns every setting that is not as it was found."""
        return self._admin.differences()

    def close(self) -> None:
        """Closes the lines."""
        for line in (self._admin, *self._drivers.values()):
            line.close()

    def _node_exposure_watts(self, node: str) -> float:
        inventory, driver = self._inventories[node], self._drivers[node]
        gpus = sum(driver.read(gpu.uuid).requested_limit_watts for gpu in inventory.gpus)
        packages = sum(driver.read(package.device).requested_limit_watts for package in inventory.packages)
        return node_model(inventory).exposed_watts(gpus, packages)


def node_model(inventory: NodeInventory) -> NodeModel:
    """The physics of a node: what its rest draws beside its devices, which no agent is told."""
    name = inventory.gpus[0].model_name if inventory.gpus else H100.name
    gpu_model = next(model for model in GPU_MODELS.values() if model.name == name)
    return NodeModel(gpu_model, gpu_count=len(inventory.gpus), package_count=len(inventory.packages))
