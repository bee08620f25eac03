"""What many series will do next: calibrated peaks of the next minutes, medians of the next hours.

Three states of knowledge, each falling back to the one before it:

- less than an hour: the rises of the last half hour (:mod:`common.models.recent_rises`);
- from an hour on: rises in units of how restless the series is, with the distribution of all that came true,
  the old fading (conformal, recalibrated online);
- from two days on: the same around the median of :class:`common.models.forecast.LoadForecaster`.
"""

from common.models.ahead.daily import HORIZON_NAMES, Ahead
from common.models.ahead.forecaster import SeriesForecaster
from common.models.ahead.past import SeriesPast
from common.models.ahead.settings import AheadSettings
from common.models.ahead.skill import SkillBook, SkillTotals

__all__ = [
    "HORIZON_NAMES",
    "Ahead",
    "AheadSettings",
    "SeriesForecaster",
    "SeriesPast",
    "SkillBook",
    "SkillTotals",
]
