"""What the slowdown model assumes; every value with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SlowdownSettings:
    """Assumptions; logarithms of run time unless the name says otherwise.

    Attributes:
        likeness: Difference of the uncapped draw, as a share of the highest limit, at which another
            workload counts 0.6: draw says best which workloads are alike.
        measurement_noise: Standard deviation of one probe.
        novelty: Standard deviation of what no known workload has shown, smooth over neighbouring limits.
        slope_penalty: Pulls the dependence on the draw towards none; in squares of ``likeness``.
        interval_share: Of the values that the intervals shall hold.
    """

    likeness: float = 0.1
    measurement_noise: float = 0.015
    novelty: float = 0.02
    slope_penalty: float = 0.3
    interval_share: float = 0.9
