"""What outlives a cycle: forecasts, usage of containers, and how good the forecasts were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.models.outlook import Forecaster
from common.models.recent_rises import RecentRises
from recommender.model.score import ForecastScore
from recommender.model.usage import Usage


@dataclass(frozen=True)
class Memory:
    """Everything learned from the past; one place, so that a checkpoint knows what to keep."""

    forecaster: Forecaster = field(default_factory=RecentRises)
    usage: Usage = field(default_factory=Usage)
    score: ForecastScore = field(default_factory=ForecastScore)


Levels = Mapping[str, float]
"""Draw in watts by series."""
