"""What can be set about the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from actuator.ladder.action import Rung


def _deadlines() -> Mapping[Rung, timedelta]:
    seconds = {Rung.DEVICES: 10, Rung.CEILING: 60, Rung.MIGRATE: 60, Rung.EVICT: 0}
    return {rung: timedelta(seconds=value) for rung, value in seconds.items()}


@dataclass(frozen=True)
class LadderSettings:
    """Frozen settings of the ladder.

    Attributes:
        deadlines: How long each rung has to cure a breach before the next one is tried.
        hold: How long a subject must be well under its cap before a rung is climbed down.
        hysteresis_percent: How far under its cap is well under it.
        settling: How long an action's watts are counted as on their way.
        least_relief_watts: An action that frees less is not worth a disruption.
    """

    deadlines: Mapping[Rung, timedelta] = field(default_factory=_deadlines)
    hold: timedelta = timedelta(seconds=120)
    hysteresis_percent: int = 5
    settling: timedelta = timedelta(seconds=45)
    least_relief_watts: int = 10
