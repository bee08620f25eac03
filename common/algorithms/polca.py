"""Two thresholds and two priorities: the published law of POLCA, as a baseline that others are measured by.

Patel, Choukse, Zhang, Goiri, Warrier, Mahalingam, Bianchini: "Characterizing Power Management Opportunities
for LLMs in the Cloud", ASPLOS 2024 (arXiv:2308.12908, there as "POLCA: Power Oversubscription in LLM Cloud
Providers"). At 80 % of the provisioned power low priority is clocked to 1,275 MHz; at 89 % low priority
goes to 1,110 MHz and high priority to 1,305 MHz. Each step is undone when the draw is 5 % under the
threshold that caused it. The clocks are those of an A100, whose highest is 1,410 MHz; other devices get the
same shares of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from common.algorithms.nesting import Nesting
from common.algorithms.protocol import UNCAPPED, Description, Floats, Indices, Parameter, Plan, Snapshot

_A100_MHZ = 1410
FIRST_LOW, SECOND_LOW, SECOND_HIGH = 1275 / _A100_MHZ, 1110 / _A100_MHZ, 1305 / _A100_MHZ
"""Shares of the highest clock: low priority past each threshold, high priority past the second."""


class Polca:
    """Clocks by thresholds; the fullest of the caps above a member decides."""

    description = Description(
        name="polca",
        summary="Clocks low priority at 80 % of the cap, and high priority too at 89 % (POLCA, ASPLOS 2024).",
        inputs=("caps", "draw_watts", "priority", "max_frequency", "current_frequency"),
        parameters=(
            Parameter("first-threshold", 80, 1, 100, "percent of the cap at which low priority is clocked"),
            Parameter("second-threshold", 89, 1, 100, "percent of the cap at which all are clocked"),
            Parameter("hysteresis", 5, 0, 50, "points under a threshold at which its step is undone"),
            Parameter("high-priority", 1, -1000, 1000, "policies of this priority or more count as high"),
        ),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns clock ceilings in MHz; 0 leaves a clock alone."""
        percent = _load_percent(snapshot)
        high = snapshot.priorities >= parameters["high-priority"]
        first, second = parameters["first-threshold"], parameters["second-threshold"]
        band = parameters["hysteresis"]
        shares = np.ones(len(snapshot.members))
        past_first = _past(percent, first, band, clocked=_at_most(snapshot, FIRST_LOW) & ~high)
        shares[past_first & ~high] = FIRST_LOW
        was_second = _at_most(snapshot, np.where(high, SECOND_HIGH, SECOND_LOW))
        past_second = _past(percent, second, band, clocked=was_second)
        shares[past_second] = np.where(high, SECOND_HIGH, SECOND_LOW)[past_second]
        clocks = np.rint(snapshot.max_frequency * shares).astype(np.int64)
        return Plan(frequency=np.where(shares < 1, clocks, 0))


def _load_percent(snapshot: Snapshot) -> Floats:
    """Returns for each member the load of the fullest group above it, in percent of its cap."""
    nesting = Nesting(snapshot.caps, snapshot.group)
    cap = snapshot.caps.cap_watts
    load = np.where(cap < UNCAPPED, 100.0 * nesting.sums(snapshot.draw_watts) / np.maximum(cap, 1), 0.0)
    loads = [np.append(load, 0.0)[ancestor] for ancestor in nesting.deepest_first()]
    return np.asarray(np.max(loads, axis=0), dtype=np.float64)


def _past(
    percent: Floats, threshold: float, band: float, *,
    clocked: NDArray[np.bool_],
) -> NDArray[np.bool_]:  # fmt: skip
    return np.asarray(percent >= np.where(clocked, threshold - band, threshold))


def _at_most(snapshot: Snapshot, share: float | Floats) -> NDArray[np.bool_]:
    """Tells which members are clocked to a share of their highest clock, or lower."""
    now: Indices = snapshot.clocks
    return np.asarray((now > 0) & (now <= np.rint(snapshot.max_frequency * share)))
