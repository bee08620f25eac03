"""How good forecasts of each horizon were, beside persistence and the same time of the day before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from common.models.ahead.rows import Array

MODEL, PERSISTENCE, SEASONAL = "model", "persistence", "seasonal"
_DAY = 144.0
"""Steps of ten minutes after which an error counts half in the skill."""


@dataclass
class SkillTotals:
    """Sums since the start, in the unit of the series.

    Attributes:
        measured: Of the values that came.
        errors: Of absolute errors, by forecast, each over the values for which all three existed.
        judged: Number of upper bounds.
        exceeded: Number of those that the value was above.
        recent: Fading sums of absolute errors, by forecast.
    """

    measured: float
    errors: dict[str, float]
    judged: int
    exceeded: int
    recent: dict[str, float]

    @classmethod
    def nothing(cls) -> SkillTotals:
        """Returns zeros."""
        return cls(0.0, defaultdict(float), 0, 0, defaultdict(float))

    def skill(self, baseline: str) -> float | None:
        """Returns 1 for perfect, 0 for as good as the baseline lately, less for worse; None before any."""
        reference = self.recent[baseline]
        return 1.0 - self.recent[MODEL] / reference if reference > 0 else None


class SkillBook:
    """Totals by kind of series and horizon."""

    def __init__(self) -> None:
        self.totals: dict[tuple[str, str], SkillTotals] = {}

    def judge(self, key: tuple[str, str], forecasts: dict[str, Array], upper: Array, actual: Array) -> None:
        """Takes what came of forecasts of several series.

        Args:
            key: Kind of the series, and the name of the horizon.
            forecasts: By name, shape (series,).
            upper: 99 % bounds, same shape.
            actual: What came; NaN for a gap.
        """
        known = np.isfinite(actual) & np.isfinite(upper)
        for forecast in forecasts.values():
            known = known & np.isfinite(forecast)
        if not known.any():
            return
        totals = self.totals.setdefault(key, SkillTotals.nothing())
        totals.measured += float(actual[known].sum())
        totals.judged += int(known.sum())
        totals.exceeded += int((actual > upper)[known].sum())
        for name, forecast in forecasts.items():
            error = float(np.abs(forecast - actual)[known].sum())
            totals.errors[name] += error
            totals.recent[name] = totals.recent[name] + error

    def fade(self) -> None:
        """Makes recent errors count less; once per step."""
        for totals in self.totals.values():
            for name in totals.recent:
                totals.recent[name] *= 0.5 ** (1.0 / _DAY)
