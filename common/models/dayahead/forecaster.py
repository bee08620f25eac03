"""Day-ahead forecasts of an hourly series of the power grid: carbon intensity or price.

Convention: at the end of the UTC day D, all 24 hours of D being known (or missing for good), the 24 hours
of D+1 are forecast. Nothing after D is looked at. In many markets prices of D+1 are published on D; where a
source has them, they are used as they are, and no forecast is needed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from common.models.dayahead.bounds import RECENT_DAYS, Bounds, relative_factor
from common.models.dayahead.features import design
from common.models.dayahead.hourly import Floats, HourlyDays
from common.models.dayahead.profile import trailing_profile
from common.models.dayahead.regression import MedianRegression
from common.models.dayahead.settings import DayAheadSettings
from common.models.dayahead.transform import Transform

_WEEK_DAYS = 7


@dataclass(frozen=True)
class DayAheadForecast:
    """The 24 hours of one day or of several, in the unit of the series.

    Attributes:
        start: First hour of the (first) day, UTC.
        median: Shape (24,) or (days, 24); as likely too high as too low.
        lower: Lower bound of the interval.
        upper: Upper bound of the interval.
        relative: The value of least expected relative error: somewhat under the median, since a
            forecast that is too high by half of what comes errs more, in percent, than one too low.
    """

    start: datetime
    median: Floats
    lower: Floats
    upper: Floats
    relative: Floats


class DayAheadForecaster:
    """Forecasts the next day; fitted once on a history, and then applied to what has come since."""

    def __init__(self, history: HourlyDays, settings: DayAheadSettings | None = None) -> None:
        """Fits the history.

        Args:
            history: Whole days; gaps are NaN.
            settings: Structure of the forecasts.

        Raises:
            ValueError: The history is shorter than ``least_days`` or has no finite value.
        """
        self._settings = settings or DayAheadSettings()
        if len(history.values) < self._settings.least_days or not np.isfinite(history.values).any():
            raise ValueError(
                f"a day-ahead fit needs {self._settings.least_days} days of history with values in them, "
                f"not {len(history.values)}; until then use persistence"
            )
        self._transform = Transform.fit(history.values, self._settings.scale_share)
        self._models = [self._fit(history, window, None) for window in self._settings.profile_days]
        left_out, actual = self._left_out_forecasts(history)
        self._bounds = Bounds.fit(left_out, actual, self._settings.interval_share)
        self._relative_factor = relative_factor(self._transform.back(left_out), history.values[1:])

    def forecast(self, days: HourlyDays) -> DayAheadForecast:
        """Returns the day after the last one of ``days``.

        Args:
            days: What is known at the end of its last day; three months are enough, and looked at.
        """
        recent = _tail(days, max(self._settings.profile_days) + RECENT_DAYS + _WEEK_DAYS)
        every = self._forecast(recent)
        return DayAheadForecast(
            days.next_start, every.median[-1], every.lower[-1], every.upper[-1], every.relative[-1]
        )

    def replay(self, days: HourlyDays) -> DayAheadForecast:
        """Returns what would have been forecast at the end of every day but the last.

        Row ``i`` is the forecast of the day of row ``i + 1``, made of the rows up to ``i``.
        """
        return self._forecast(HourlyDays(days.first_day, days.values[:-1]))

    def _forecast(self, days: HourlyDays) -> DayAheadForecast:
        middle = np.mean(
            [
                self._apply(days, window, model)
                for window, model in zip(self._settings.profile_days, self._models, strict=True)
            ],
            axis=0,
        )
        lower, upper = self._bounds.around(middle, self._transform.forward(days.values))
        back = self._transform.back
        start = HourlyDays(days.first_day, days.values[:1]).next_start
        return DayAheadForecast(
            start, back(middle), back(lower), back(upper), back(middle) * self._relative_factor
        )

    def _fit(self, days: HourlyDays, window: int, left_out: slice | None) -> MedianRegression:
        features, profile, transformed = self._inputs(days, window)
        targets = (transformed[1:] - profile[:-1]).copy()
        if left_out is not None:
            targets[left_out] = np.nan
        warm = min(window, len(targets) // 2)
        return MedianRegression.fit(features[warm:-1], targets[warm:], self._settings.ridge)

    def _apply(self, days: HourlyDays, window: int, model: MedianRegression) -> Floats:
        features, profile, _ = self._inputs(days, window)
        return model.predict(features) + profile

    def _inputs(self, days: HourlyDays, window: int) -> tuple[Floats, Floats, Floats]:
        transformed = self._transform.forward(days.values)
        profile = trailing_profile(transformed, window)
        return design(days, transformed, profile), profile, transformed

    def _left_out_forecasts(self, history: HourlyDays) -> tuple[Floats, Floats]:
        """Returns forecasts of days that the coefficients had not seen, and what came, both transformed."""
        targets = len(history.values) - 1
        edges = np.linspace(0, targets, self._settings.folds + 1).astype(int)
        sums = np.zeros((targets, history.values.shape[1]))
        for window in self._settings.profile_days:
            for low, high in itertools.pairwise(edges):
                block = slice(int(low), int(high))
                sums[block] += self._apply(history, window, self._fit(history, window, block))[:-1][block]
        return sums / len(self._settings.profile_days), self._transform.forward(history.values[1:])


def _tail(days: HourlyDays, count: int) -> HourlyDays:
    skipped = max(0, len(days.values) - count)
    return HourlyDays(days.first_day.fromordinal(days.first_day.toordinal() + skipped), days.values[skipped:])
