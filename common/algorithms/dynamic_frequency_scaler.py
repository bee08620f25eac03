"""Clocks instead of watts: every device runs at a share of its highest clock while capping is needed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from common.algorithms.protocol import Description, Parameter, Plan, Snapshot


class DynamicFrequencyScaler:
    """Scales clocks by a factor once the draw passes the policy's threshold.

    A clock lock saves where a watt limit is inert, as in memory-bound decode.
    """

    description = Description(
        name="dynamic-frequency-scaler",
        summary="Lowers clocks to a share of the highest clock while the draw is past the threshold.",
        inputs=("max_frequency", "throttle"),
        parameters=(
            Parameter("scaling-factor", 0.8, 0.05, 1.0, "share of the device's highest clock"),
            Parameter("min-frequency", 300, 0, 10_000, "never ask for less, in MHz"),
        ),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns clock ceilings in MHz; 0 (leave alone) without need or for an unknown highest clock."""
        highest = snapshot.max_frequency
        if not snapshot.throttle:
            return Plan(frequency=np.zeros_like(highest))
        scaled = np.floor(highest * parameters["scaling-factor"]).astype(np.int64)
        bounded = np.minimum(np.maximum(scaled, int(parameters["min-frequency"])), highest)
        return Plan(frequency=np.where(highest > 0, bounded, 0))
