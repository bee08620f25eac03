"""How a device keeps a watt limit: late, with short excursions, and yet with a bounded mean.

A new limit is followed as a first-order lag. Above the followed limit a device may draw for moments only:
excursions are paid from an allowance that drains as fast as it is used and refills slowly, so that no
sequence of loads, however nasty, can lift the mean over a second by more than what the allowance holds
plus what it gains in that second. That sum is ``one_second_excursion_ratio``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_SETTLED_TIME_CONSTANTS = 8.0
"""After so many time constants less than 0.04 % of a limit change is left, far inside the margin."""
_RESIDUAL_MARGIN_RATIO = 0.001
"""Covers what is left of the lag after ``settle_seconds``."""


@dataclass(frozen=True)
class RegulatorSettings:
    """How late and how loosely a limit is kept.

    ``overshoot_ratio`` is the highest excursion above the limit (0.25 = 25 %), which decays with
    ``overshoot_decay_seconds``; spent allowance comes back at ``refill_ratio_per_second``.
    """

    lag_seconds: float = 0.1
    overshoot_ratio: float = 0.25
    overshoot_decay_seconds: float = 0.04
    refill_ratio_per_second: float = 0.01

    @property
    def allowance_seconds(self) -> float:
        """Area of one full excursion, as seconds of drawing the limit."""
        return self.overshoot_ratio * self.overshoot_decay_seconds

    @property
    def settle_seconds(self) -> float:
        """From a new limit until the promise of ``one_second_excursion_ratio`` holds for it."""
        return _SETTLED_TIME_CONSTANTS * self.lag_seconds

    @property
    def one_second_excursion_ratio(self) -> float:
        """By how much of the limit the mean over any second can exceed it."""
        return self.allowance_seconds + self.refill_ratio_per_second + _RESIDUAL_MARGIN_RATIO


class PowerRegulator:
    """The state of one device's limit: the limit as followed so far, and the allowance for excursions."""

    __slots__ = ("_allowance_seconds", "_decay", "_decay_step_seconds", "_settings", "limit_watts")

    def __init__(self, settings: RegulatorSettings, limit_watts: float) -> None:
        self._settings = settings
        self._allowance_seconds = settings.allowance_seconds
        self._decay_step_seconds = 0.0
        self._decay = 1.0
        self.limit_watts = limit_watts

    def follow(self, requested_watts: float, dt: float) -> None:
        """Moves the followed limit towards the requested one for ``dt`` seconds."""
        if self.limit_watts == requested_watts:
            return
        if dt != self._decay_step_seconds:
            self._decay_step_seconds = dt
            self._decay = math.exp(-dt / self._settings.lag_seconds)
        distance = (self.limit_watts - requested_watts) * self._decay
        self.limit_watts = requested_watts + (distance if abs(distance) > 0.01 else 0.0)

    def ceiling_watts(self, dt: float) -> float:
        """Returns the highest mean draw that the next ``dt`` seconds may have."""
        settings = self._settings
        affordable = self._allowance_seconds / max(settings.overshoot_decay_seconds, dt)
        return self.limit_watts * (1.0 + min(settings.overshoot_ratio, affordable))

    def spend(self, draw_watts: float, dt: float) -> None:
        """Books a step's mean draw: excursions drain the allowance, all else refills it."""
        excess_seconds = (draw_watts / self.limit_watts - 1.0) * dt
        if excess_seconds > 0.0:
            self._allowance_seconds = max(0.0, self._allowance_seconds - excess_seconds)
        elif self._allowance_seconds < self._settings.allowance_seconds:
            refilled = self._allowance_seconds + self._settings.refill_ratio_per_second * dt
            self._allowance_seconds = min(self._settings.allowance_seconds, refilled)
