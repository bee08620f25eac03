"""What shifting by a forecast saves, against knowing the day beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.models.dayahead.hourly import Floats
from recommender.logic.shifting import DeferrableJob, shift, should_run_now

FLEXIBLE_HOURS = 12
_DAY = 24
_WATTS = 1.0
_ALL_DAY = (_WATTS,) * _DAY


@dataclass(frozen=True)
class ShiftingScore:
    """Of one series over all its test days.

    Attributes:
        captured_percent: Saving against running evenly over the day, as a share of the oracle's.
        captured_at_once_percent: The same against running in the first hours of the day.
        deadlines_missed: Jobs that were not done when their day was over.
    """

    captured_percent: float
    captured_at_once_percent: float
    deadlines_missed: int


def score(forecast: Floats, actual: Floats) -> ShiftingScore:
    """Runs one job a day: 12 hours of work, all 24 free to choose from, replanned every hour.

    Args:
        forecast: Shape (days, 24).
        actual: Shape (days, 24); days that are not known whole are left out.
    """
    whole = np.isfinite(actual).all(axis=1)
    forecast, actual = forecast[whole], actual[whole]
    ran = [_run_day(day) for day in forecast]
    missed = sum(len(hours) < FLEXIBLE_HOURS for hours in ran)
    cost = sum(float(day[hours].sum()) for day, hours in zip(actual, ran, strict=True))
    oracle = float(np.sort(actual, axis=1)[:, :FLEXIBLE_HOURS].sum())
    evenly = float(actual.mean(axis=1).sum()) * FLEXIBLE_HOURS
    at_once = float(actual[:, :FLEXIBLE_HOURS].sum())
    return ShiftingScore(
        100 * (evenly - cost) / (evenly - oracle), 100 * (at_once - cost) / (at_once - oracle), missed
    )


def _run_day(forecast: Floats) -> list[int]:
    ran: list[int] = []
    for hour in range(_DAY):
        job = DeferrableJob("job", FLEXIBLE_HOURS - len(ran), _DAY - hour, _WATTS)
        plans = shift([job], [float(cost) for cost in forecast[hour:]], _ALL_DAY[hour:])
        if should_run_now(plans):
            ran.append(hour)
    return ran
