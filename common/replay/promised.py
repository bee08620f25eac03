"""Division of what may be promised: limits may sum to more than the cap, the draw may not.

Who gets in full what it asks for needs no limit: it keeps its nameplate, which is promised beyond the cap.
The others, the lowest priority first, are held to the level that the division leaves them. What is divided is
the threshold that statistics derive: the cap less what the draw may rise by until the next decision is in
force.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from common.algorithms.protocol import Algorithm, Snapshot, Watts
from common.models.oversubscription import DrawWindow, rises_within, upper_quantile
from common.replay.control import Actuation, Command, RowFacts, View, changed
from common.replay.profile import Floats
from common.replay.row import Limits


@dataclass(frozen=True)
class PromiseSettings:
    """How much is dared.

    Attributes:
        breach_probability: That the draw passes the cap before the next decision is in force.
        window_seconds: How far back rises are learned from.
        learn_seconds: How often they are worked out anew.
        lowest_start: Rises from the lowest draws do not count, up to this share of them.
        first_rise_share: Of the cap; taken for the rise until a window of this length has been seen.
    """

    breach_probability: float = 0.001
    window_seconds: float = 1800.0
    learn_seconds: float = 30.0
    lowest_start: float = 0.5
    first_rise_share: float = 0.12


DEFAULT_PROMISE = PromiseSettings()


class PromisedControl:
    """An algorithm that divides the derived threshold instead of the cap.

    Args:
        facts: Of the row.
        algorithm: Which one divides.
        parameters: Every one that it declares.
        actuation: How fast.
        settings: How much is dared.
    """

    def __init__(
        self, facts: RowFacts, algorithm: Algorithm, parameters: Mapping[str, float], actuation: Actuation,
        settings: PromiseSettings = DEFAULT_PROMISE,
    ) -> None:  # fmt: skip
        self._facts = facts
        self._algorithm = algorithm
        self._parameters = parameters
        self.actuation = actuation
        self._settings = settings
        self._window = DrawWindow(1.0, settings.window_seconds)
        self._rise = settings.first_rise_share * facts.cap_watts
        self._learned = 0.0

    @property
    def threshold_watts(self) -> float:
        """What is divided now."""
        return self._facts.cap_watts - self._rise

    def observe(self, now: float, draw: Floats) -> None:
        """Takes the draw of a second."""
        self._window.observe(now, float(draw.sum()))
        if now - self._learned >= self._settings.learn_seconds:
            self._learned = now
            steps = math.ceil(self.actuation.horizon_seconds)
            rises = rises_within(self._window.watts, steps, lowest_start=self._settings.lowest_start)
            if len(rises):
                self._rise = upper_quantile(rises, self._settings.breach_probability)

    def decide(self, view: View) -> Command | None:
        """Divides the threshold, and limits those whose demand does not fit under it.

        Nobody asks for a margin over its draw: that the draw may rise is in the threshold already.
        """
        snapshot = self._facts.snapshot(view, self.threshold_watts, margin=1.0)
        plan = self._algorithm.plan(snapshot, self._parameters)
        assert plan.watts is not None
        limits = Limits(_promised(snapshot, plan.watts), view.commanded.clock)
        return changed(view, limits, self.actuation.latency_seconds)


def _promised(snapshot: Snapshot, given: Watts) -> Floats:
    """Nameplate for a priority that got all that it asked for; the level that was left for the others."""
    promised = snapshot.ceiling_watts.astype(np.float64)
    for level in snapshot.demand:
        asks = snapshot.priorities == level.priority
        asked = snapshot.floor_watts + level.watts
        short = asks & (given < np.minimum(asked, snapshot.ceiling_watts))
        if short.any():
            promised[asks] = max(float(given[short].max()), float(snapshot.floor_watts[asks].max()))
    return promised
