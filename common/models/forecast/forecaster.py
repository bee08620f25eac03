"""The forecaster: fitted on a history, then fed one column at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.forecast.calibration import BoundOffset, ExpertTrust
from common.models.forecast.experts import ANALOG_STRIDE, Experts, Opinions, regress
from common.models.forecast.features import Indices
from common.models.forecast.gaps import GapFilter
from common.models.forecast.past import Past
from common.models.forecast.settings import ForecastSettings
from common.models.forecast.stream import Stream

Array = NDArray[np.float64]

_DEFAULTS = ForecastSettings()

_JUDGED_STRIDE = 5  # neighbours say nearly the same, and no clock ticks in fives of ten minutes


@dataclass(frozen=True)
class Forecast:
    """What is expected, in the unit of the series; NaN for a series of which nothing is known.

    Attributes:
        median: Shape (series, horizons).
        upper: Bound that ``upper_share`` of the values shall stay under, same shape.
        persistence: The last known value, the baseline that skill is measured against, same shape.
        seasonal: The value at the same time of the day before, the other baseline; NaN where not known.
        expert_weights: Of persistence, regression and analogs, shape (3, series, horizons).
    """

    median: Array
    upper: Array
    persistence: Array
    seasonal: Array
    expert_weights: Array


class LoadForecaster:
    """Forecasts a batch of positive series (watts, requests per second) directly for every horizon.

    A forecast depends on the columns taken so far and on nothing else. Coefficients stay as fitted; levels,
    trust in the experts and bounds go on learning. Fit anew, say once a day, to learn new structure.

    Args:
        history: Shape (series, times), at least two days, oldest first; zero or NaN is a gap.
        settings: Structure; times in steps.
        first_step: Steps since midnight UTC at the first column.
    """

    def __init__(
        self, history: Array, settings: ForecastSettings = _DEFAULTS, *, first_step: int = 0
    ) -> None:
        least = 2 * settings.day_steps
        if history.ndim != 2 or history.shape[1] < least:
            raise ValueError(f"history must have shape (series, times) with at least {least} times")
        self._settings = settings
        self._gaps = GapFilter(history.shape[0])
        masked = np.stack([self._gaps.take(column) for column in history.astype(np.float64).T], axis=1)
        past, smoothers = Past.of(np.log(masked), first_step, settings)
        self._experts = Experts.learn(past)
        self._trust, self._offset = _judge(past, self._experts)
        self._stream = Stream(past, smoothers)
        self._due: deque[tuple[Array, Opinions]] = deque(maxlen=settings.horizons[-1])
        self._ask()

    def observe(self, values: Array) -> None:
        """Takes the next value of every series, shape (series,); zero or NaN is a gap."""
        logs = np.log(self._gaps.take(np.asarray(values, dtype=np.float64)))
        self._learn(logs)
        self._stream.take(logs)
        self._ask()

    def forecast(self) -> Forecast:
        """Returns what is expected from here."""
        present, opinions = self._due[-1]
        weights = self._trust.weights
        median = np.exp(present + (weights * opinions.medians[..., 0]).sum(axis=0))
        upper = opinions.upper[..., 0] + self._offset.offsets * opinions.unit[:, 0]
        return Forecast(
            median=median.T,
            upper=np.maximum(np.exp(present) * upper, median).T,
            persistence=np.exp(np.broadcast_to(present, median.shape)).T,
            seasonal=np.exp(self._stream.seasonal()).T,
            expert_weights=weights.swapaxes(1, 2),
        )

    def _ask(self) -> None:
        past = self._stream.view
        origin = np.array([past.times - 1])
        self._due.append((past.filled[:, -1], self._experts.opinions(past, origin)))

    def _learn(self, logs: Array) -> None:
        losses, scores = [], []
        for row, horizon in enumerate(self._settings.horizons):
            if horizon > len(self._due):
                change, opinions = np.full_like(logs, np.nan), self._due[-1][1]
            else:
                present, opinions = self._due[-horizon]
                change = logs - present
            losses.append(np.abs(opinions.medians[:, row, :, 0] - change))
            scores.append(opinions.scores(change[:, None])[row, :, 0])
        self._trust.learn(np.stack(losses, axis=1))
        self._offset.learn(np.stack(scores))


def _judge(past: Past, experts: Experts) -> tuple[ExpertTrust, BoundOffset]:
    """Judges experts and bounds on the history, each on days that it has not learnt from."""
    settings = past.settings
    origins = np.arange(settings.day_steps, past.times - 1, _JUDGED_STRIDE)
    half = origins.size // 2
    parts = [
        _judge_part(past, experts, origins[:half], np.arange(origins[half], past.times - 1)),
        _judge_part(past, experts, origins[half:], np.arange(origins[half])),
    ]
    opinions = Opinions.joined(parts)
    changes = np.stack([past.changes(origins, horizon) for horizon in settings.horizons])
    errors = np.abs(opinions.medians - changes)
    known = np.isfinite(errors)
    losses = np.where(known, errors, 0.0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    trust = ExpertTrust(losses, settings.trust_half_life, settings.trust_sharpness)
    return trust, BoundOffset(opinions.scores(changes), settings.aimed_share, settings.calibration_rate)


def _judge_part(past: Past, experts: Experts, origins: Indices, learnt: Indices) -> Opinions:
    """Asks at origins, the regression learnt from other days, analogs of the same day left out."""
    sampled = np.arange(0, past.times - 1, ANALOG_STRIDE)
    same_day = np.abs(origins[:, None] - sampled) < past.settings.day_steps
    return experts.with_coefficients(regress(past, learnt)).opinions(past, origins, same_day)
