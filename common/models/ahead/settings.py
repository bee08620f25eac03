"""What is remembered of many series, and how fast it fades; every value with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass

DAY_SECONDS = 86400.0


@dataclass(frozen=True)
class AheadSettings:
    """Times in seconds.

    Attributes:
        horizon_seconds: Within which the peak is told: as long as it takes to drain or start a replica.
        spacing_seconds: Between two forecasts of the same series that are kept to be judged.
        score_half_life_seconds: After which what came true counts half: long enough for the rare rise that a
            99 % bound is about, short enough to follow a new release of a service.
        restless_half_life_seconds: Of the fast measure of how restless a series is; the slow one has the
            half-life of the scores.
        least_scores: Judged forecasts from which on the calibrated distribution is used.
        pooled_scores: So many judged forecasts do all other series count for.
        aim_rate: Step of the level at which the bound is read, per forecast (adaptive conformal inference).
        column_seconds: Width of the columns that are remembered.
        kept_seconds: How long they are: two weeks, so that every day of the week is there twice.
        model_columns: Columns that the hourly model takes for one of its steps.
        fit_after_seconds: History that it needs, at the least: two whole days.
        refit_seconds: Between two fits of a series.
        batch: Series that are fitted together: bounds the memory of a fit.
    """

    horizon_seconds: float = 300.0
    spacing_seconds: float = 60.0
    score_half_life_seconds: float = 3 * DAY_SECONDS
    restless_half_life_seconds: float = 1800.0
    least_scores: float = 60.0
    pooled_scores: float = 20.0
    aim_rate: float = 0.005
    column_seconds: float = 300.0
    kept_seconds: float = 14 * DAY_SECONDS
    model_columns: int = 2
    fit_after_seconds: float = 2 * DAY_SECONDS
    refit_seconds: float = DAY_SECONDS
    batch: int = 16

    @property
    def columns(self) -> int:
        """Returns how many columns are remembered."""
        return round(self.kept_seconds / self.column_seconds)

    @property
    def slots(self) -> int:
        """Returns how many forecasts of a series are waiting to be judged at any time."""
        return max(1, round(self.horizon_seconds / self.spacing_seconds))
