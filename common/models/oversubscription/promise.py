"""What follows from the statistics of a draw: where to throttle, and what to promise beyond a cap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.oversubscription.rises import highest_within, rises_within
from common.models.oversubscription.tail import upper_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Promise:
    """How far a cap can be oversubscribed.

    Attributes:
        rise_watts: What the draw rises by within the latency, exceeded with the allowed probability only.
        threshold_watts: Throttled from there on, the draw stays under the cap with that probability.
        demand_watts: What the nodes draw at most within a latency, exceeded with that probability only.
        additional_watts: Nameplates beyond the cap that may hang on it; 0 where the cap is needed in full.
        samples: How many rises it was learned from.
    """

    rise_watts: float
    threshold_watts: float
    demand_watts: float
    additional_watts: float
    samples: int


def derive_promise(
    watts: Floats, latency_steps: int, probability: float, *, cap_watts: float, nameplate_watts: float
) -> Promise | None:
    """Derives how many watts may be promised; None while nothing is known of rises.

    Nodes added are taken to behave like those measured, and to rise with them: the draw and its rises grow
    in proportion to the nameplates. So ``nameplate / demand`` watts of nameplate fit on each watt of the cap.

    Args:
        watts: Draw of all nodes under the cap, evenly spaced in time; NaN where it was not measured.
        latency_steps: Samples from a rise until what was decided on it is in force.
        probability: Of a breach within the latency that is accepted.
        cap_watts: What must hold.
        nameplate_watts: The most that the measured nodes could draw.
    """
    rises, peaks = rises_within(watts, latency_steps), highest_within(watts, latency_steps)
    if not len(rises):
        return None
    rise = upper_quantile(rises, probability)
    demand = min(max(upper_quantile(peaks, probability), 1.0), max(nameplate_watts, 1.0))
    carried = cap_watts * nameplate_watts / demand
    return Promise(
        rise_watts=rise,
        threshold_watts=max(0.0, cap_watts - rise),
        demand_watts=demand,
        additional_watts=max(0.0, carried - cap_watts),
        samples=len(rises),
    )
