"""Run times that were measured over a range of power limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sweep:
    """One workload, run once under each of several limits on one kind of device.

    Attributes:
        family: What it belongs to (the network); members of a family resemble each other and share a vote.
        limits_watts: Ascending, shape (limits,); the last is taken for unlimited.
        seconds: Time for the same work under each, shape (limits,).
        draw_watts: Mean draw under the highest limit.
    """

    family: str
    limits_watts: Array
    seconds: Array
    draw_watts: float

    def __post_init__(self) -> None:
        """Refuses what is no sweep.

        Raises:
            ValueError: Fewer than two limits, not ascending, or a time that is not positive.
        """
        if self.limits_watts.size < 2 or (np.diff(self.limits_watts) <= 0).any():
            raise ValueError(f"limits_watts of {self.family} must be two or more, ascending")
        if self.seconds.shape != self.limits_watts.shape or not (self.seconds > 0).all():
            raise ValueError(f"seconds of {self.family} must be positive, one for each limit")

    def log_slowdown(self, limits_watts: Array) -> Array:
        """Returns the logarithm of the time relative to unlimited, interpolated at other limits."""
        log: Array = np.interp(limits_watts, self.limits_watts, np.log(self.seconds / self.seconds[-1]))
        return log
