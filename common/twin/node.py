"""A simulated node: GPUs, CPU packages, and the rest (memory, fans, NICs, losses), boot after boot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from common.twin.cpu import XEON_8480, CpuModel, SimulatedCpu
from common.twin.errors import DeviceLostError
from common.twin.gpu import SimulatedGpu
from common.twin.gpu_model import H100, IDLE, GpuModel
from common.twin.randomness import generator

_HOST_BASE_UTILISATION = 0.08
_HOST_UTILISATION_PER_GPU_LOAD = 0.35
_REST_NOISE_RATIO = 0.01


@dataclass(frozen=True)
class NodeModel:
    """A server: how many devices of which model, and what everything else draws.

    The rest is ``chassis_watts + slot_watts`` per GPU (memory, NICs, switches), fans that rise with the GPUs'
    draw up to ``fan_watts`` per GPU, and power-supply losses of ``loss_ratio``. The defaults put a server
    with 8 GPUs at about 2.2 kW idle and 8 kW with all GPUs at their limit; public wall-power records of such
    servers show 2.4 kW idle and 6.4 kW in inference (MLPerf Inference v4.1), and the user guide of DGX H100
    names 10.2 kW as its maximum.
    """

    gpu_model: GpuModel = H100
    gpu_count: int = 8
    cpu_model: CpuModel = XEON_8480
    package_count: int = 2
    chassis_watts: float = 250.0
    slot_watts: float = 130.0
    fan_watts: float = 45.0
    loss_ratio: float = 0.05

    @property
    def rest_bound_watts(self) -> float:
        """The most that the rest can draw: full fans, losses of all devices at their highest excursion."""
        return self.rest_watts(self._highest_gpu_watts, self._highest_package_watts)

    def rest_watts(self, gpu_watts: float, package_watts: float) -> float:
        """Returns what the rest draws while GPUs and packages draw so much together."""
        load_ratio = (
            min(1.0, gpu_watts / (self.gpu_model.max_limit_watts * self.gpu_count)) if gpu_watts else 0.0
        )
        slots = (self.slot_watts + self.fan_watts * load_ratio * load_ratio) * self.gpu_count
        return self.chassis_watts + slots + self.loss_ratio * (gpu_watts + package_watts)

    def exposed_watts(self, gpu_limits_watts: float, package_limits_watts: float) -> float:
        """Returns the most that the node draws over any second while its limits add up to so much.

        Args:
            gpu_limits_watts: Limits in force on all GPUs together.
            package_limits_watts: The same for packages.
        """
        gpus = gpu_limits_watts * (1.0 + self.gpu_model.regulator.one_second_excursion_ratio)
        packages = package_limits_watts * (1.0 + self.cpu_model.regulator.one_second_excursion_ratio)
        return gpus + packages + self.rest_watts(gpus, packages)

    @property
    def _highest_gpu_watts(self) -> float:
        model = self.gpu_model
        return model.max_limit_watts * (1.0 + model.regulator.overshoot_ratio) * self.gpu_count

    @property
    def _highest_package_watts(self) -> float:
        model = self.cpu_model
        return model.max_limit_watts * (1.0 + model.regulator.overshoot_ratio) * self.package_count


class DeviceSettings(NamedTuple):
    """Everything that can be set on a device."""

    requested_limit_watts: float
    clock_lock_mhz: int | None


class SimulatedNode:
    """One node. Set the GPUs' loads, call ``step(dt)``, read draws; reboot it or reload its driver at will.

    ``found_settings`` are the settings as found: those right after construction, or when ``mark_as_found``
    was last called; a reboot makes its own defaults the ones as found.
    """

    def __init__(self, name: str, model: NodeModel, seed: int = 0) -> None:
        self.name = name
        self.model = model
        self._random = generator(seed, name)
        self.gpus = [
            SimulatedGpu(model.gpu_model, f"GPU-{self._new_id()}", index, generator(seed, name, "gpu", index))
            for index in range(model.gpu_count)
        ]
        self.packages = [
            SimulatedCpu(model.cpu_model, index, generator(seed, name, "package", index))
            for index in range(model.package_count)
        ]
        self.devices: Mapping[str, SimulatedGpu | SimulatedCpu] = {
            **{gpu.uuid: gpu for gpu in self.gpus},
            **{package.device: package for package in self.packages},
        }
        self.boot_id = self._new_id()
        self.uptime_seconds = 0.0
        self.rest_watts = 0.0
        self.true_draw_watts = 0.0
        self._sum_up()
        self.mark_as_found()

    @property
    def metered_rest_watts(self) -> float:
        """What the node's own meter says of the rest, with noise, never above the bound."""
        noisy = self.rest_watts * (1.0 + self._random.gauss(0.0, _REST_NOISE_RATIO))
        return min(noisy, self.model.rest_bound_watts)

    def device(self, name: str) -> SimulatedGpu | SimulatedCpu:
        """Returns a device by its UUID or package name.

        Raises:
            DeviceLostError: the node has none of that name.
        """
        try:
            return self.devices[name]
        except KeyError:
            raise DeviceLostError(f"{self.name} has no device {name!r}") from None

    def step(self, dt: float) -> None:
        """Lets ``dt`` seconds pass."""
        busy = sum(gpu.load.utilisation for gpu in self.gpus) / max(1, len(self.gpus))
        host_utilisation = _HOST_BASE_UTILISATION + _HOST_UTILISATION_PER_GPU_LOAD * busy
        for package in self.packages:
            package.utilisation = host_utilisation
        for device in self.devices.values():
            device.step(dt)
        self.uptime_seconds += dt
        self._sum_up()

    def reboot(self) -> None:
        """Starts a new boot: all settings are gone, the boot id is new, nothing runs."""
        self.reload_driver()
        for package in self.packages:
            package.reload()
        for gpu in self.gpus:
            gpu.load = IDLE
        self.boot_id = self._new_id()
        self.uptime_seconds = 0.0
        self.mark_as_found()

    def reload_driver(self) -> None:
        """Loads the GPU driver anew: GPU limits and clock locks are gone, energy counts from zero."""
        for gpu in self.gpus:
            gpu.reload()

    def settings(self) -> dict[str, DeviceSettings]:
        """Returns every setting of every device, by device."""
        return {
            name: DeviceSettings(device.requested_limit_watts, device.clock_lock_mhz)
            for name, device in self.devices.items()
        }

    def mark_as_found(self) -> None:
        """Takes the present settings as those that the node was found with."""
        self.found_settings = self.settings()

    def _new_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _sum_up(self) -> None:
        gpu_watts = sum(gpu.true_draw_watts for gpu in self.gpus)
        package_watts = sum(package.true_draw_watts for package in self.packages)
        self.rest_watts = self.model.rest_watts(gpu_watts, package_watts)
        self.true_draw_watts = gpu_watts + package_watts + self.rest_watts
