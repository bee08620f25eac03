"""POLCA with its power brake: the published controller around the published law.

Clocks go out of band, 40 s late. At the whole cap a hardware brake puts every GPU to 288 MHz within 5 s, and
lets go once the draw is under the first threshold.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from common.algorithms.polca import Polca
from common.algorithms.registry import read_parameters
from common.replay.control import OUT_OF_BAND, Actuation, AlgorithmControl, Command, RowFacts, View, changed
from common.replay.profile import Floats
from common.replay.row import Limits

BRAKE_MHZ = 288.0
BRAKE_SECONDS = 5.0


class PolcaControl:
    """The law by slow commands, and the brake.

    Args:
        facts: Of the row.
        parameters: Of the law; the published ones where it says nothing.
        actuation: How fast the clocks are.
    """

    def __init__(
        self, facts: RowFacts, parameters: Mapping[str, str | int] | None = None,
        actuation: Actuation = OUT_OF_BAND,
    ) -> None:  # fmt: skip
        self._facts = facts
        self._parameters = read_parameters(Polca.description, parameters or {})
        self._law = AlgorithmControl(facts, Polca(), self._parameters, actuation)
        self._braked = False
        self._wanted: Limits | None = None
        self._settled_at = 0.0
        self.actuation = actuation
        self.brakes = 0

    def observe(self, now: float, draw: Floats) -> None:
        """The law has no memory but for its brake."""

    def decide(self, view: View) -> Command | None:
        """Brakes, releases the brake, or follows the law."""
        percent = 100.0 * float(view.draw.sum()) / self._facts.cap_watts
        if self._braked:
            if percent > self._parameters["first-threshold"]:
                return None
            self._braked = False
            return changed(view, self._released(view), BRAKE_SECONDS)
        if percent >= 100:
            self._braked, self._wanted = True, view.commanded
            self.brakes += 1
            braked = Limits(view.commanded.watts, np.full(len(view.draw), BRAKE_MHZ))
            return changed(view, braked, BRAKE_SECONDS)
        if view.now < self._settled_at:
            return None
        command = self._law.decide(view)
        if command is not None:
            self._settled_at = command.at + self.actuation.telemetry_seconds
        return command

    def _released(self, view: View) -> Limits:
        return self._wanted or Limits.none(len(view.draw))
