"""Shares of a cap in proportion to the draw, as an example of an algorithm that is not part of climatik."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from climatik.plugin import Description, Parameter, Plan, Snapshot


class ProportionalShare:
    """Gives each device its floor, and what the tightest cap above it leaves in proportion to the draw."""

    description = Description(
        name="proportional-share",
        summary="Shares what the floors leave in proportion to the draw.",
        inputs=("caps", "floor_watts", "ceiling_watts", "draw_watts"),
        parameters=(Parameter("use-percent", 100, 1, 100, "how much of what the floors leave is given out"),),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns whole watts; sums are rounded down, so that no cap is exceeded."""
        weight = np.maximum(snapshot.draw_watts, 1).astype(float)
        share = np.full(len(weight), np.inf)
        for index in range(len(snapshot.caps.names)):
            members = self._below(snapshot, index)
            left = snapshot.caps.cap_watts[index] - snapshot.floor_watts[members].sum()
            part = max(0.0, float(left)) * parameters["use-percent"] / 100
            share[members] = np.minimum(share[members], part * weight[members] / weight[members].sum())
        watts = np.minimum(snapshot.floor_watts + np.floor(share), snapshot.ceiling_watts)
        return Plan(watts=watts.astype(np.int64), notes=("an example, not a recommendation",))

    @staticmethod
    def _below(snapshot: Snapshot, index: int) -> np.ndarray:
        """Returns the members of a group and of all groups below it."""
        inside = {index}
        for child, parent in enumerate(snapshot.caps.parent.tolist()):
            if parent in inside:
                inside.add(child)
        return np.flatnonzero(np.isin(snapshot.group, list(inside)))
