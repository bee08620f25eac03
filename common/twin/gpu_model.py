"""What kinds of GPU there are: data-sheet figures, and the shape of their draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from common.twin.curve import ClockCurve
from common.twin.device import DeviceModel
from common.twin.meter import MeterSettings
from common.twin.regulator import RegulatorSettings


class Load(NamedTuple):
    """What a GPU is busy with: shares of time in compute-bound and memory-bound kernels, together at most 1.

    Prefill and training are compute-bound; decode with small batches is memory-bound.
    """

    compute: float = 0.0
    memory: float = 0.0

    @property
    def utilisation(self) -> float:
        """Share of time with any kernel running."""
        return min(1.0, self.compute + self.memory)


IDLE = Load()
_REGULATOR = RegulatorSettings()
_METER = MeterSettings()


@dataclass(frozen=True, kw_only=True)
class GpuModel(DeviceModel):
    """A GPU product.

    The draw is ``idle + core * dynamic(f) * (compute + stall * memory) + bandwidth * (memory * b(f) + spill *
    compute)``: ``core_watts`` at full compute load and top clock; memory-bound kernels keep the cores at
    ``stall_activity`` of that; ``bandwidth_watts`` is the memory at full bandwidth, which holds down to
    ``bandwidth_knee_mhz`` (``b`` falls linearly below), and of which compute-bound kernels use
    ``compute_bandwidth_share``.
    """

    memory_gib: int
    core_watts: float
    bandwidth_watts: float
    bandwidth_knee_mhz: int
    stall_activity: float = 0.3
    compute_bandwidth_share: float = 0.3
    regulator: RegulatorSettings = _REGULATOR
    meter: MeterSettings = _METER
    kelvin_per_watt: float = 0.065
    thermal_seconds: float = 20.0

    def draw_watts(self, load: Load, clock_mhz: float) -> float:
        """Returns the draw that a load settles at on a clock, without any limit."""
        compute, memory = load
        core = self.core_watts * (compute + self.stall_activity * memory)
        bandwidth = self.memory_speed(clock_mhz) * memory + self.compute_bandwidth_share * compute
        return (
            self.idle_watts + core * self.clocks.dynamic_ratio(clock_mhz) + self.bandwidth_watts * bandwidth
        )

    def compute_speed(self, clock_mhz: float) -> float:
        """Returns the speed of compute-bound kernels at a clock, relative to the top clock."""
        return clock_mhz / self.clocks.max_clock_mhz

    def memory_speed(self, clock_mhz: float) -> float:
        """Returns the speed of memory-bound kernels at a clock, relative to the top clock."""
        return min(1.0, clock_mhz / self.bandwidth_knee_mhz)


_HOPPER_CLOCKS = ClockCurve(min_clock_mhz=345, max_clock_mhz=1980, knee_mhz=960, floor_voltage_ratio=0.68)

A100 = GpuModel(
    name="NVIDIA A100-SXM4-80GB",
    memory_gib=80,
    min_limit_watts=100.0,
    max_limit_watts=400.0,
    default_limit_watts=400.0,
    idle_watts=52.0,
    core_watts=345.0,
    bandwidth_watts=75.0,
    clocks=ClockCurve(min_clock_mhz=210, max_clock_mhz=1410, knee_mhz=750, floor_voltage_ratio=0.68),
    bandwidth_knee_mhz=810,
)
"""400 W, HBM2e; limits 100 to 400 W, clocks 210 to 1410 MHz (NVIDIA A100 data sheet; ``nvidia-smi -q``)."""

H100 = GpuModel(
    name="NVIDIA H100 80GB HBM3",
    memory_gib=80,
    min_limit_watts=200.0,
    max_limit_watts=700.0,
    default_limit_watts=700.0,
    idle_watts=70.0,
    core_watts=595.0,
    bandwidth_watts=120.0,
    clocks=_HOPPER_CLOCKS,
    bandwidth_knee_mhz=1050,
)
"""700 W, HBM3; limits 200 to 700 W, clocks 345 to 1980 MHz (NVIDIA H100 data sheet; ``nvidia-smi -q``)."""

H200 = GpuModel(
    name="NVIDIA H200",
    memory_gib=141,
    min_limit_watts=200.0,
    max_limit_watts=700.0,
    default_limit_watts=700.0,
    idle_watts=75.0,
    core_watts=590.0,
    bandwidth_watts=135.0,
    clocks=_HOPPER_CLOCKS,
    bandwidth_knee_mhz=1150,
)
"""700 W, HBM3e; the H100's limits and clocks with more and faster memory (NVIDIA H200 data sheet)."""

GPU_MODELS = {"a100": A100, "h100": H100, "h200": H200}
"""The models by the short names that fleet descriptions use."""
