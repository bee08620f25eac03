"""What a forecaster looks at; every value with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ForecastSettings:
    """Structure of the forecasts; times in steps of the series unless the name says otherwise.

    The defaults are for ten-minute steps and were chosen by rolling validation inside seven days.

    Attributes:
        step_seconds: Time between two values.
        horizons: How far ahead, ascending, at most one day.
        half_lives: Of the smoothed levels that the regression compares with the present value.
        analog_half_lives: Of the levels that say how alike two moments are: just now, the day, the days.
        analog_bandwidth: Distance, in standard deviations of a state, at which an analog counts 0.6.
        swing_half_life: Of the mean absolute step, by which bounds are widened in restless hours.
        ridge: Penalty on the coefficients, in units of the features' variance; pulls towards persistence.
        trust_half_life: After which an expert's old errors count half.
        trust_sharpness: How strongly the better expert is preferred; 0 keeps equal weights.
        upper_share: Share of values that the upper bound shall not be exceeded by.
        calibration_rate: Step of the online recalibration, in spreads of its scores.
    """

    step_seconds: float = 600.0
    horizons: tuple[int, ...] = (1, 6, 24)
    half_lives: tuple[float, ...] = (2.0, 6.0, 24.0, 144.0)
    analog_half_lives: tuple[float, ...] = (3.0, 144.0, 432.0)
    analog_bandwidth: float = 0.5
    swing_half_life: float = 18.0
    ridge: float = 1.0
    trust_half_life: float = 200.0
    trust_sharpness: float = 10.0
    upper_share: float = 0.99
    calibration_rate: float = 0.3

    def __post_init__(self) -> None:
        """Refuses horizons that the seasonal structure cannot serve.

        Raises:
            ValueError: A horizon is not positive, not ascending, or longer than a day.
        """
        ascending = tuple(sorted(set(self.horizons)))
        if not self.horizons or self.horizons != ascending or self.horizons[0] < 1:
            raise ValueError(f"horizons must be positive and ascending, not {self.horizons}")
        if self.horizons[-1] > self.day_steps:
            raise ValueError(f"horizons must be at most one day ({self.day_steps} steps): {self.horizons}")

    @property
    def analog_share(self) -> float:
        """Returns the share of analogs under a bound before calibration, below the promised one.

        The highest of few analogs is noise: their twice as frequent exceptions, moved by what was measured
        on all held-out days, made narrower bounds in validation.
        """
        return 1.0 - 2.0 * (1.0 - self.upper_share)

    @property
    def aimed_share(self) -> float:
        """Returns the share that the recalibration aims at, above the promised one.

        A miss is known only a horizon later, and misses come in runs until then: aiming at a third of the
        promised exceptions came closest to the promised ones in validation.
        """
        return 1.0 - 0.3 * (1.0 - self.upper_share)

    @property
    def day_steps(self) -> int:
        """Returns the number of values in a day."""
        return round(86400 / self.step_seconds)
