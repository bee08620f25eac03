"""The history of a batch of series in the form that experts learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.forecast.features import Indices, daily_change, regression_features, weekly_change
from common.models.forecast.gaps import fill_forward
from common.models.forecast.levels import Smoothers
from common.models.forecast.settings import ForecastSettings

Array = NDArray[np.float64]

_LEAST_SWING = 0.005
_SWING_POWER = 0.7  # by less than in proportion: unrest passes


@dataclass(frozen=True)
class Past:
    """Logarithms and smoothed levels at every known time.

    Attributes:
        logs: Shape (series, times), NaN for gaps.
        filled: The same, gaps closed with the value before.
        levels: Smoothed, shape (half-lives, series, times); those of the regression first.
        swings: Smoothed absolute steps of the logarithm, shape (series, times): how restless a series is.
        record: The highest logarithm up to each time, shape (series, times).
        first_step: Steps since midnight UTC at the first column.
        settings: Structure.
    """

    logs: Array
    filled: Array
    levels: Array
    swings: Array
    record: Array
    first_step: int
    settings: ForecastSettings

    @classmethod
    def of(cls, logs: Array, first_step: int, settings: ForecastSettings) -> tuple[Past, Smoothers]:
        """Smooths logarithms, shape (series, times); returns the past and the smoothers to go on with."""
        smoothers = Smoothers(logs.shape[0], half_lives(settings), settings.swing_half_life)
        filled = fill_forward(logs)
        levels, swings = smoothers.take_all(logs, filled)
        past = cls(logs, filled, levels, swings, running_record(logs), first_step, settings)
        return past, smoothers

    @property
    def times(self) -> int:
        """Returns the number of columns."""
        return int(self.logs.shape[1])

    def features(self, origins: Indices, horizon: int) -> Array:
        """Returns the regression's features at origins, shape (series, origins, features)."""
        day, count = self.settings.day_steps, len(self.settings.half_lives)
        phase = 2 * np.pi * (self.first_step + origins + horizon) / day
        return regression_features(
            self.levels[:count, :, origins] - self.filled[:, origins],
            daily_change(self.filled, origins, horizon, day),
            weekly_change(self.filled, origins, horizon, day),
            phase,
        )

    def states(self, origins: Indices) -> Array:
        """Returns what analogs are compared by, shape (series, origins, variables)."""
        count = len(self.settings.half_lives)
        state = self.levels[count:, :, origins] - self.filled[:, origins]
        return np.moveaxis(state, 0, -1)

    def usual(self, origins: Indices) -> Array:
        """Returns the usual level over the present value, a ratio, shape (series, origins); 1 if unknown.

        What comes on top of a load comes by its own size, not in proportion to what there is just now.
        """
        level = self.levels[-1][:, origins] - self.filled[:, origins]
        return np.where(np.isfinite(level), np.exp(level), 1.0)

    def restlessness(self, origins: Indices) -> Array:
        """Returns by how much of the usual level bounds are moved, shape (series, origins)."""
        scale: Array = (np.nan_to_num(self.swings[:, origins]) + _LEAST_SWING) ** _SWING_POWER
        return scale

    def changes(self, origins: Indices, horizon: int) -> Array:
        """Returns what followed, shape (series, origins); NaN for gaps and past the end."""
        targets = origins + horizon
        known = targets < self.times
        followed = self.logs[:, np.minimum(targets, self.times - 1)] - self.filled[:, origins]
        return np.where(known, followed, np.nan)


def running_record(logs: Array) -> Array:
    """Returns the highest logarithm up to each time, shape (series, times); NaN before the first value."""
    record: Array = np.fmax.accumulate(logs, axis=1)
    return record


def half_lives(settings: ForecastSettings) -> tuple[float, ...]:
    """Returns the half-lives of all levels that are kept: the regression's, then the analogs'."""
    return settings.half_lives + settings.analog_half_lives
