"""Series for tests of forecasts, seeded."""

from itertools import pairwise

import numpy as np

from common.models.forecast import ForecastSettings, LoadForecaster

HOURLY = ForecastSettings(
    step_seconds=3600.0,
    horizons=(1, 4, 12),
    half_lives=(2.0, 6.0, 24.0),
    analog_half_lives=(2.0, 24.0, 72.0),
    swing_half_life=3.0,
    trust_half_life=48.0,
)
DAY = 24


def daily(days, *, seed, amplitude=0.5, noise=0.05, level=100.0):
    """Returns a load with a daily wave and a slow, noisy deviation from it."""
    rng = np.random.default_rng(seed)
    steps = days * DAY
    shocks = rng.normal(0, noise, steps)
    drift = np.zeros(steps)
    for before, here in pairwise(range(steps)):
        drift[here] = 0.8 * drift[before] + shocks[here]
    return level * np.exp(amplitude * np.sin(2 * np.pi * np.arange(steps) / DAY) + drift)


def replay(values, fit, settings=HOURLY):
    """Fits on the first columns of values, shape (series, times), feeds the rest; returns all forecasts."""
    forecaster = LoadForecaster(values[:, :fit], settings)
    forecasts = [forecaster.forecast()]
    for column in values[:, fit:].T:
        forecaster.observe(column)
        forecasts.append(forecaster.forecast())
    return forecasts


def scored(forecasts, values, fit, row, part="median"):
    """Returns forecasts of one horizon and what came, both of shape (series, targets)."""
    steps = HOURLY.horizons[row]
    actual = values[:, fit - 1 + steps :]
    asked = forecasts[: actual.shape[1]]
    return np.stack([getattr(each, part)[:, row] for each in asked], axis=1), actual
