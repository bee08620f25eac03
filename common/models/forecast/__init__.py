"""Forecasts of load and power: direct, for several horizons, every series of a batch at once.

Three experts (persistence, a ridge regression with daily and weekly structure, and analogs: what followed
the most similar states of the past) are blended by how well each has lately done on that series and horizon.
Upper bounds come from the analogs and are recalibrated online, so that they are broken as often as they say.
"""

from common.models.forecast.forecaster import Forecast, LoadForecaster
from common.models.forecast.gaps import mask_gaps
from common.models.forecast.scores import coverage_percent, skill, wape_percent
from common.models.forecast.settings import ForecastSettings

__all__ = [
    "Forecast",
    "ForecastSettings",
    "LoadForecaster",
    "coverage_percent",
    "mask_gaps",
    "skill",
    "wape_percent",
]
