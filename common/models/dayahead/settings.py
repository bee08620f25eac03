"""What a day-ahead forecaster looks at; every value with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass

DAY_HOURS = 24


@dataclass(frozen=True)
class DayAheadSettings:
    """Structure of the forecasts.

    The defaults were chosen by fitting 2021 and validating on 2022; docs/developer/grid.md has the figures.

    Attributes:
        profile_days: Lengths of the trailing mean profiles; one regression each, whose forecasts are
            averaged: short ones follow a change of level, long ones are less noisy.
        ridge: Penalty on the coefficients in units of the features' variance; pulls towards the profile.
        scale_share: Where the transform turns from linear to logarithmic, as a share of the median
            magnitude; prices may be negative, so a plain logarithm cannot serve.
        interval_share: Share of hours that shall lie between the lower and the upper bound.
        folds: Blocks of days left out in turn to get the errors that the bounds rest on.
        least_days: History below which nothing is fitted; the forecast is then the same hour today.
    """

    profile_days: tuple[int, ...] = (7, 14, 28, 56)
    ridge: float = 0.005
    scale_share: float = 1 / 3
    interval_share: float = 0.9
    folds: int = 4
    least_days: int = 60

    def __post_init__(self) -> None:
        """Refuses settings that no fit can serve.

        Raises:
            ValueError: A value is out of its range; the message names it.
        """
        if not self.profile_days or min(self.profile_days) < 1:
            raise ValueError(f"profile_days must name positive numbers of days, not {self.profile_days}")
        if not 0 < self.interval_share < 1:
            raise ValueError(f"interval_share must lie between 0 and 1, not {self.interval_share}")
        if self.ridge <= 0 or self.scale_share <= 0:
            raise ValueError(f"ridge and scale_share must be positive: {self.ridge}, {self.scale_share}")
        if self.folds < 2 or self.least_days < self.folds:
            raise ValueError(f"folds must be at least 2 and at most least_days: {self.folds}")
