"""A power sensor as devices have it: looks at part of the time, publishes now and then, errs a little."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class MeterSettings:
    """How a sensor samples.

    The defaults follow what Yang, Adamek and Armour measured on A100 and H100 ("Part-time Power Measurements:
    nvidia-smi's Lack of Attention", arXiv 2312.02741): a new value each 100 ms, averaged over the last 25 ms
    of them, with an error of gain that is fixed per board and within the 5 % that NVIDIA states.
    """

    period_seconds: float = 0.1
    window_seconds: float = 0.025
    gain_error_ratio: float = 0.01
    noise_ratio: float = 0.005


class SampledMeter:
    """A sensor of its own gain, phase and noise; ``watts`` is the value it last published."""

    __slots__ = ("_elapsed", "_energy", "_gain", "_random", "_seen_seconds", "_settings", "watts")

    def __init__(self, settings: MeterSettings, random: Random, watts: float) -> None:
        self._settings = settings
        self._random = random
        self._gain = 1.0 + random.uniform(-settings.gain_error_ratio, settings.gain_error_ratio)
        self._elapsed = random.uniform(0.0, settings.period_seconds)
        self._energy = 0.0
        self._seen_seconds = 0.0
        self.watts = watts

    def step(self, draw_watts: float, dt: float) -> None:
        """Lets ``dt`` seconds of a draw pass before the sensor."""
        settings = self._settings
        self._elapsed += dt
        if self._elapsed + 1e-9 < settings.period_seconds - settings.window_seconds:
            return
        self._energy += draw_watts * dt
        self._seen_seconds += dt
        if self._elapsed + 1e-9 >= settings.period_seconds:
            self._publish()

    def _publish(self) -> None:
        noise = 1.0 + self._random.gauss(0.0, self._settings.noise_ratio)
        self.watts = max(0.0, self._energy / self._seen_seconds * self._gain * noise)
        self._elapsed %= self._settings.period_seconds
        self._energy = 0.0
        self._seen_seconds = 0.0
