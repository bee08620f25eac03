"""A simulated CPU package: RAPL's limit and wrapping energy counter, cpufreq's ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from common.twin.curve import ClockCurve
from common.twin.device import DeviceModel, SimulatedDevice
from common.twin.meter import MeterSettings
from common.twin.regulator import RegulatorSettings

_METER = MeterSettings(window_seconds=0.1, noise_ratio=0.01)
_RAPL = RegulatorSettings(overshoot_ratio=0.2, overshoot_decay_seconds=0.1, refill_ratio_per_second=0.02)
"""RAPL keeps a running mean and lets moments exceed it up to the second limit, 1.2 times the first."""


@dataclass(frozen=True, kw_only=True)
class CpuModel(DeviceModel):
    """A CPU product: ``idle_watts`` with nothing to do, ``active_watts`` more when all cores are busy.

    ``energy_range_joules`` is ``max_energy_range_uj`` of the Linux powercap interface.
    """

    active_watts: float
    energy_range_joules: float = 262_143.328
    regulator: RegulatorSettings = _RAPL
    meter: MeterSettings = _METER
    kelvin_per_watt: float = 0.15
    thermal_seconds: float = 15.0

    def draw_watts(self, utilisation: float, clock_mhz: float) -> float:
        """Returns the draw that a utilisation (0 to 1) settles at on a clock, without any limit."""
        return self.idle_watts + self.active_watts * utilisation * self.clocks.dynamic_ratio(clock_mhz)


XEON_8480 = CpuModel(
    name="Intel(R) Xeon(R) Platinum 8480C",
    min_limit_watts=130.0,
    max_limit_watts=350.0,
    default_limit_watts=350.0,
    idle_watts=95.0,
    active_watts=255.0,
    clocks=ClockCurve(
        min_clock_mhz=800, max_clock_mhz=3800, knee_mhz=1500, floor_voltage_ratio=0.7, step_mhz=100
    ),
)
"""350 W, 56 cores, top clock 3.8 GHz: the host processor of DGX H100 (its user guide; Intel's data sheet)."""


class SimulatedCpu(SimulatedDevice):
    """One CPU package. Set ``utilisation`` (0 to 1), call ``step(dt)``, read the rest."""

    def __init__(self, model: CpuModel, package_id: int, random: Random) -> None:
        super().__init__(model, f"package-{package_id}", random)
        self.model = model
        self.package_id = package_id
        self.utilisation = 0.0
        # Counters of a running machine do not start at zero: a first reading is no sum of anything.
        self._energy_joules = random.uniform(0.0, model.energy_range_joules)

    @property
    def activity(self) -> object:
        """The utilisation."""
        return self.utilisation

    def draw_at(self, clock_mhz: float) -> float:
        """Returns the draw in watts that the present utilisation settles at on a clock."""
        return self.model.draw_watts(self.utilisation, clock_mhz)

    @property
    def utilisation_percent(self) -> int:
        """Utilisation of the package's cores."""
        return round(100.0 * self.utilisation)
