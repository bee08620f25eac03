"""A simulated GPU: load, clock and limit in; draw, energy, temperature and speed out."""

from __future__ import annotations

from random import Random

from common.twin.device import SimulatedDevice
from common.twin.gpu_model import IDLE, GpuModel


class SimulatedGpu(SimulatedDevice):
    """One GPU. Set ``load`` (and ``inlet_celsius``) at will, then call ``step(dt)``; the rest is read."""

    def __init__(self, model: GpuModel, uuid: str, index: int, random: Random) -> None:
        super().__init__(model, uuid, random)
        self.model = model
        self.uuid = uuid
        self.index = index
        self.load = IDLE

    @property
    def activity(self) -> object:
        """The load."""
        return self.load

    def draw_at(self, clock_mhz: float) -> float:
        """Returns the draw in watts that the present load settles at on a clock."""
        return self.model.draw_watts(self.load, clock_mhz)

    @property
    def compute_speed(self) -> float:
        """Speed of compute-bound kernels now, relative to the top clock."""
        return self.model.compute_speed(self.clock_mhz)

    @property
    def memory_speed(self) -> float:
        """Speed of memory-bound kernels now, relative to the top clock."""
        return self.model.memory_speed(self.clock_mhz)

    @property
    def relative_performance(self) -> float:
        """Throughput of the present mix of kernels now, relative to the top clock (mean over time)."""
        compute, memory = self.load
        work = compute * self.compute_speed + memory * self.memory_speed
        return work / (compute + memory) if work else 1.0

    @property
    def utilisation_percent(self) -> int:
        """Share of time with any kernel running."""
        return round(100.0 * self.load.utilisation)

    @property
    def memory_utilisation_percent(self) -> int:
        """Share of time in which memory was read or written."""
        return round(100.0 * self.load.memory)

    @property
    def throttle_reasons(self) -> list[str]:
        """Why the clock is below its top, in NVML's words."""
        if self.load.utilisation == 0.0:
            return ["gpu_idle"]
        reasons = ["sw_power_cap"] if self.is_power_throttled else []
        return [*reasons, "applications_clocks_setting"] if self.clock_lock_mhz is not None else reasons
