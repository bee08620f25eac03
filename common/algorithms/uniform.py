"""The same for everybody: the baseline that other algorithms are compared with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from common.algorithms.nesting import Nesting
from common.algorithms.protocol import Description, Plan, Snapshot
from common.algorithms.water_filling import fill


class Uniform:
    """Divides each cap evenly, whatever is asked for; ceilings alone are respected."""

    description = Description(
        name="uniform",
        summary="Divides the cap evenly over all members, whatever they draw or ask for.",
        inputs=("caps", "ceiling_watts"),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns equal watts for all, cut where a cap below or a ceiling is lower."""
        nesting = Nesting(snapshot.caps, snapshot.group)
        nothing = np.zeros(len(snapshot.members), dtype=np.int64)
        return Plan(watts=fill(snapshot.ceiling_watts, nesting, snapshot.caps.cap_watts, nothing))
