"""The hourly model of many series: fitted in batches, fed with every step, judged as forecasts come due."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.models.ahead.rows import Array
from common.models.ahead.skill import MODEL, PERSISTENCE, SEASONAL, SkillBook
from common.models.forecast import Forecast, ForecastSettings, LoadForecaster

HORIZONS = {"10m": 1, "1h": 6, "4h": 24, "24h": 144}
HORIZON_NAMES = tuple(HORIZONS)
MODEL_SETTINGS = ForecastSettings(horizons=tuple(HORIZONS.values()))


@dataclass(frozen=True)
class Ahead:
    """What is expected of one series, in its unit, by horizon (as in ``HORIZON_NAMES``).

    Attributes:
        median: Expected means over the ten minutes that end at each horizon.
        upper: Bounds that 99 % of them stay under.
        present: Mean of the last ten minutes.
    """

    median: tuple[float, ...]
    upper: tuple[float, ...]
    present: float

    @property
    def log_change(self) -> float:
        """Returns by how much the logarithm is expected to change in ten minutes."""
        known = self.median[0] > 0 and self.present > 0
        return float(np.log(self.median[0] / self.present)) if known else 0.0


class Batch:
    """Series of one kind that were fitted together.

    Args:
        names: Of the series.
        kind: What they measure.
        history: Steps, shape (series, steps), NaN for gaps.
        first_step: Number of the first step since the epoch.
        fitted_at: Unix seconds.
    """

    def __init__(
        self, names: Sequence[str], kind: str, history: Array, first_step: int, fitted_at: float
    ) -> None:
        self.names = tuple(names)
        self.fitted_at = fitted_at
        self.next_step = first_step + history.shape[1]
        self._kind = kind
        day = MODEL_SETTINGS.day_steps
        self._forecaster = LoadForecaster(history, MODEL_SETTINGS, first_step=first_step % day)
        self._made: deque[Forecast] = deque([self._forecaster.forecast()], maxlen=max(HORIZONS.values()))

    def take(self, values: Array, skill: SkillBook) -> None:
        """Takes the next step of every series, and judges the forecasts that it makes due."""
        for column, (name, steps) in enumerate(HORIZONS.items()):
            if steps <= len(self._made):
                due = self._made[-steps]
                forecasts = {
                    MODEL: due.median[:, column],
                    PERSISTENCE: due.persistence[:, column],
                    SEASONAL: due.seasonal[:, column],
                }
                skill.judge((self._kind, name), forecasts, due.upper[:, column], values)
        self._forecaster.observe(values)
        self._made.append(self._forecaster.forecast())
        self.next_step += 1

    def ahead(self) -> dict[str, Ahead]:
        """Returns what is expected of each series; those of which nothing is known are left out."""
        last = self._made[-1]
        return {
            name: Ahead(tuple(median.tolist()), tuple(upper.tolist()), float(present[0]))
            for name, median, upper, present in zip(
                self.names, last.median, last.upper, last.persistence, strict=True
            )
            if np.isfinite(median).all()
        }
