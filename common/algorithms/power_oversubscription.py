"""More nameplate than cap: everybody may have what it draws and a margin, and peaks share what is left over.

Nameplates are rarely drawn by all at once, so a cap can carry more of them than fit. What makes that safe
here is that limits, unlike promises, never sum to more than the cap: watts that are not drawn are lent to
those who can use them, and taken back within one cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from common.algorithms.protocol import (
    GUARANTEED,
    UNCAPPED,
    DemandLevel,
    Description,
    Parameter,
    Plan,
    Snapshot,
)
from common.algorithms.water_filling import divide


class PowerOversubscription:
    """Guarantees each member its part of an oversubscribed nameplate, and lends the rest by draw."""

    description = Description(
        name="power-oversubscription",
        summary="Guarantees nameplate / ratio to all, lends unused watts to those that draw most.",
        inputs=("caps", "floor_watts", "ceiling_watts", "draw_watts", "current_watts"),
        parameters=(
            Parameter("ratio", 1.3, 1.0, 5.0, "watts of nameplate that may share one watt of the cap"),
            Parameter("margin-percent", 10, 0, 100, "headroom above the present draw, in percent of it"),
        ),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns limits; a note says when the nameplates exceed what the ratio allows."""
        ratio, margin = parameters["ratio"], 1 + parameters["margin-percent"] / 100
        floor = np.minimum(snapshot.floor_watts, snapshot.ceiling_watts)
        promised = np.maximum((snapshot.ceiling_watts / ratio).astype(np.int64) - floor, 0)
        drawn = np.ceil(snapshot.draw_watts * margin).astype(np.int64) - floor
        needed = np.clip(np.minimum(drawn, promised), 0, None)
        lent = np.clip(drawn - promised, 0, None)
        demand = (
            DemandLevel(GUARANTEED, needed),
            DemandLevel(1, lent),
            DemandLevel(0, promised - needed),
        )
        return Plan(watts=divide(replace(snapshot, demand=demand)), notes=_notes(snapshot, ratio))


def _notes(snapshot: Snapshot, ratio: float) -> tuple[str, ...]:
    cap = int(snapshot.caps.cap_watts[0]) if len(snapshot.caps.names) else UNCAPPED
    nameplates = int(snapshot.ceiling_watts.sum())
    if cap >= UNCAPPED or nameplates <= ratio * cap:
        return ()
    return (f"nameplates of {nameplates:,} W are more than {ratio:g} x the cap of {cap:,} W",)
