"""Day-ahead forecasts of carbon intensity and electricity price, with intervals."""

from common.models.dayahead.forecaster import DayAheadForecast, DayAheadForecaster
from common.models.dayahead.hourly import HourlyDays
from common.models.dayahead.hours_ahead import hours_ahead
from common.models.dayahead.naive import persistence, weekly_naive
from common.models.dayahead.scores import coverage_percent, mape_percent, mean_absolute_error
from common.models.dayahead.settings import DayAheadSettings

__all__ = [
    "DayAheadForecast",
    "DayAheadForecaster",
    "DayAheadSettings",
    "HourlyDays",
    "coverage_percent",
    "hours_ahead",
    "mape_percent",
    "mean_absolute_error",
    "persistence",
    "weekly_naive",
]
