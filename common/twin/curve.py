"""Dynamic power of a clocked circuit over its clock: proportional to f * V(f)**2 (CMOS switching power)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClockCurve:
    """Clock range and voltage curve: voltage is flat up to a knee and rises linearly to the top clock.

    The shape (a voltage floor, then a rise) is what DVFS studies of NVIDIA GPUs report, e.g. Guerreiro et
    al., "GPGPU Power Modeling for Multi-Domain Voltage-Frequency Scaling", HPCA 2018.
    ``floor_voltage_ratio`` is the lowest voltage over that at the top clock.
    """

    min_clock_mhz: int
    max_clock_mhz: int
    knee_mhz: int
    floor_voltage_ratio: float
    step_mhz: int = 15

    def dynamic_ratio(self, clock_mhz: float) -> float:
        """Returns switching power at a clock over switching power at the top clock."""
        voltage = self.floor_voltage_ratio
        if clock_mhz > self.knee_mhz:
            rise = (clock_mhz - self.knee_mhz) / (self.max_clock_mhz - self.knee_mhz)
            voltage += (1.0 - self.floor_voltage_ratio) * rise
        return clock_mhz / self.max_clock_mhz * voltage * voltage

    def on_grid(self, clock_mhz: float) -> int:
        """Returns the clock as the device reports it: a multiple of its step, inside its range."""
        stepped = round(clock_mhz / self.step_mhz) * self.step_mhz
        return max(self.min_clock_mhz, min(self.max_clock_mhz, stepped))
