"""What outlives a cycle: forecasts, usage of containers, and how good the forecasts were."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.models.ahead import SeriesForecaster
from common.models.power.model import PowerModels
from recommender.model.names import is_modelled
from recommender.model.rises import DomainRises
from recommender.model.score import ForecastScore
from recommender.model.slowdowns import SlowdownLibrary
from recommender.model.usage import Usage


def _forecaster() -> SeriesForecaster:
    return SeriesForecaster(modelled=is_modelled, lock=threading.RLock())


@dataclass(frozen=True)
class Memory:
    """Everything learned from the past; one place, so that a checkpoint knows what to keep."""

    forecaster: SeriesForecaster = field(default_factory=_forecaster)
    usage: Usage = field(default_factory=Usage)
    power: PowerModels = field(default_factory=PowerModels)
    slowdowns: SlowdownLibrary = field(default_factory=SlowdownLibrary)
    score: ForecastScore = field(default_factory=ForecastScore)
    rises: DomainRises = field(default_factory=DomainRises)


Levels = Mapping[str, float]
"""Draw in watts by series."""
