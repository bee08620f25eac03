"""What a GPU and a CPU package have in common: a limit, a clock ceiling, a meter and an energy counter."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from random import Random

from common.twin.curve import ClockCurve
from common.twin.errors import OutOfRangeError
from common.twin.meter import MeterSettings, SampledMeter
from common.twin.regulator import PowerRegulator, RegulatorSettings
from common.twin.solve import highest_within

_REGULATION_MARGIN = 0.995
"""Firmware steers a little below the limit, so that steady load does not use up the allowance."""
_CLOCK_UP_SECONDS = 0.1
_INLET_CELSIUS = 27.0


@dataclass(frozen=True, kw_only=True)
class DeviceModel:
    """A product: its ranges and default as its data sheet has them, and how it keeps a limit and measures.

    ``kelvin_per_watt`` and ``thermal_seconds`` make temperature a first-order lag of the draw.
    The energy counter starts again at zero after ``energy_range_joules``.
    """

    name: str
    min_limit_watts: float
    max_limit_watts: float
    default_limit_watts: float
    idle_watts: float
    clocks: ClockCurve
    regulator: RegulatorSettings
    meter: MeterSettings
    kelvin_per_watt: float
    thermal_seconds: float
    energy_range_joules: float = math.inf


class SimulatedDevice(ABC):
    """A device under a watt limit and a clock ceiling, stepped with an explicit ``dt``.

    ``obeys_limit`` False makes a device that reports its limit and ignores it.
    """

    def __init__(self, model: DeviceModel, device: str, random: Random) -> None:
        self.device = device
        self.inlet_celsius = _INLET_CELSIUS
        self.obeys_limit = True
        self.requested_limit_watts = model.default_limit_watts
        self.clock_lock_mhz: int | None = None
        self.clock_mhz = float(model.clocks.max_clock_mhz)
        self.true_draw_watts = model.idle_watts
        self.temperature_celsius = self.inlet_celsius + model.kelvin_per_watt * model.idle_watts
        self._limits = model
        self._energy_joules = 0.0
        self._regulator = PowerRegulator(model.regulator, model.default_limit_watts)
        self._meter = SampledMeter(model.meter, random, model.idle_watts)
        self._question: tuple[float, float, object] | None = None
        self._answer_mhz = self.clock_mhz
        self._pace_dt = 0.0
        self._paces = (0.0, 0.0)

    @abstractmethod
    def draw_at(self, clock_mhz: float) -> float:
        """Returns the draw in watts of the present load on a clock; it never falls as the clock rises."""

    @property
    @abstractmethod
    def activity(self) -> object:
        """What the draw depends on besides the clock, for comparison with an earlier moment's."""

    @property
    @abstractmethod
    def utilisation_percent(self) -> int:
        """How busy the device is."""

    @property
    def memory_utilisation_percent(self) -> int:
        """How busy its memory is; 0 where that is not measured."""
        return 0

    @property
    def throttle_reasons(self) -> list[str]:
        """Why the clock is below its top, in NVML's words; empty where the device does not say."""
        return []

    @property
    def reported_clock_mhz(self) -> int:
        """The clock as the device reports it, in its own steps."""
        return self._limits.clocks.on_grid(self.clock_mhz)

    @property
    def draw_watts(self) -> float:
        """The sensor's last published value."""
        return self._meter.watts

    @property
    def energy_millijoules(self) -> int:
        """The energy counter: the integral of the true draw."""
        return int(self._energy_joules * 1000.0)

    @property
    def enforced_limit_watts(self) -> float:
        """The limit that the device says it obeys."""
        return self.requested_limit_watts

    @property
    def clock_ceiling_mhz(self) -> float:
        """The highest clock that is allowed."""
        return float(
            self._limits.clocks.max_clock_mhz if self.clock_lock_mhz is None else self.clock_lock_mhz
        )

    @property
    def is_power_throttled(self) -> bool:
        """Whether the watt limit, not the clock ceiling, holds the clock down."""
        return self.clock_mhz < self.clock_ceiling_mhz - self._limits.clocks.step_mhz

    def set_power_limit(self, watts: float) -> None:
        """Asks for a limit; it takes effect with the model's lag.

        Raises:
            OutOfRangeError: below the model's floor or above its ceiling.
        """
        low, high = self._limits.min_limit_watts, self._limits.max_limit_watts
        if not low <= watts <= high:
            raise OutOfRangeError(f"{self.device}: limit {watts:g} W is outside {low:g} to {high:g} W")
        self.requested_limit_watts = float(watts)

    def set_clock_lock(self, mhz: int | None) -> None:
        """Sets the highest clock; None lets go of it.

        Raises:
            OutOfRangeError: outside the model's clock range.
        """
        if mhz is not None:
            low, high = self._limits.clocks.min_clock_mhz, self._limits.clocks.max_clock_mhz
            if not low <= mhz <= high:
                raise OutOfRangeError(f"{self.device}: clock {mhz} MHz is outside {low} to {high} MHz")
        self.clock_lock_mhz = mhz

    def reset(self) -> None:
        """Default limit and no clock ceiling."""
        self.requested_limit_watts = self._limits.default_limit_watts
        self.clock_lock_mhz = None

    def reload(self) -> None:
        """What a load of the driver, or a boot, does: settings are gone and energy counts from zero."""
        self.reset()
        self._energy_joules = 0.0

    def step(self, dt: float) -> None:
        """Lets ``dt`` seconds pass under the present load and settings."""
        regulator = self._regulator
        regulator.follow(self.requested_limit_watts if self.obeys_limit else self._limits.max_limit_watts, dt)
        clock = self._approach(self._clock_within(regulator.limit_watts * _REGULATION_MARGIN), dt)
        draw = self.draw_at(clock)
        ceiling = regulator.ceiling_watts(dt)
        if draw > ceiling:
            clock = highest_within(self.draw_at, ceiling, self._limits.clocks.min_clock_mhz, clock)
            draw = self.draw_at(clock)
        regulator.spend(draw, dt)
        self.clock_mhz = clock
        self.true_draw_watts = draw
        self._energy_joules = (self._energy_joules + draw * dt) % self._limits.energy_range_joules
        self._meter.step(draw, dt)
        settled = self.inlet_celsius + self._limits.kelvin_per_watt * draw
        self.temperature_celsius += (settled - self.temperature_celsius) * min(
            1.0, dt / self._limits.thermal_seconds
        )

    def _clock_within(self, limit_watts: float) -> float:
        ceiling = self.clock_ceiling_mhz
        question = (limit_watts, ceiling, self.activity)
        if question != self._question:
            self._question = question
            low = self._limits.clocks.min_clock_mhz
            self._answer_mhz = highest_within(self.draw_at, limit_watts, low, ceiling)
        return self._answer_mhz

    def _approach(self, target_mhz: float, dt: float) -> float:
        distance = self.clock_mhz - target_mhz
        if -1.0 < distance < 1.0:
            return target_mhz
        if dt != self._pace_dt:
            self._pace_dt = dt
            down_seconds = self._limits.regulator.overshoot_decay_seconds
            self._paces = (math.exp(-dt / down_seconds), math.exp(-dt / _CLOCK_UP_SECONDS))
        return target_mhz + distance * (self._paces[0] if distance > 0 else self._paces[1])
