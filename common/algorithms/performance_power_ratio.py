"""As much power as still pays: limits within which throughput per watt stays at a wanted ratio.

Relative to the uncapped device, throughput per watt is ``p(w) / (w / ceiling)``. Without measured curves p is
taken from the textbook: static power s is drawn at any clock, dynamic power grows with the cube of the clock
(frequency and, with it, voltage squared), and throughput with the clock, so
``p(w) = ((w - s) / (ceiling - s)) ** (1/3)``. Compute-bound work follows it; memory-bound work loses less,
so that for it the answer is on the safe side of throughput.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from common.algorithms.protocol import Description, Floats, Parameter, Plan, Snapshot, Watts
from common.algorithms.water_filling import divide

_GRID = np.linspace(0.0, 1.0, 201)


class PerformancePowerRatio:
    """Keeps limits where throughput per watt is at least the target, less the tolerance."""

    description = Description(
        name="performance-power-ratio",
        summary="Limits devices to the range in which throughput per watt stays at the wanted ratio.",
        inputs=("caps", "floor_watts", "ceiling_watts", "demand", "current_watts"),
        parameters=(
            Parameter("target-ratio", 0.8, 0.01, 3.0, "throughput per watt, relative to uncapped"),
            Parameter("tolerance-percentage", 10, 0, 100, "how far below the target it may stay"),
            Parameter("static-percent", 30, 0, 90, "part of the highest power that is drawn at any clock"),
        ),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns limits: within the range where it fits under the caps, below it where it does not."""
        least = parameters["target-ratio"] * (1 - parameters["tolerance-percentage"] / 100)
        low, high = efficient_range(least, parameters["static-percent"] / 100)
        ceiling = np.maximum((snapshot.ceiling_watts * high).astype(np.int64), snapshot.floor_watts)
        ceiling = np.minimum(ceiling, snapshot.ceiling_watts)
        floor = np.minimum(_ceil(snapshot.ceiling_watts * low), ceiling)
        wanted = replace(snapshot, ceiling_watts=ceiling, floor_watts=np.maximum(floor, snapshot.floor_watts))
        unreachable = f"no limit reaches {least:.2f} of the uncapped throughput per watt"
        notes = (unreachable,) if (low, high) == (1.0, 1.0) and least > 1 else ()
        return Plan(watts=divide(wanted), notes=notes)


def efficient_range(least_ratio: float, static_share: float) -> tuple[float, float]:
    """Returns the lowest and the highest limit, as shares of the ceiling, that keep to a ratio.

    (1, 1) where none does.
    """
    share = static_share + (1 - static_share) * _GRID[1:]
    ratio: Floats = np.cbrt(_GRID[1:]) / share
    kept = np.flatnonzero(ratio >= least_ratio - 1e-12)
    return (float(share[kept[0]]), float(share[kept[-1]])) if kept.size else (1.0, 1.0)


def _ceil(watts: NDArray[np.floating]) -> Watts:
    return np.asarray(np.ceil(watts), dtype=np.int64)
