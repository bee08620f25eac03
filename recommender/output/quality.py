"""Predicted against measured, for every model, so that people can be told of one that has gone bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from common.models.ahead import SkillTotals
from common.models.ahead.skill import PERSISTENCE, SEASONAL
from recommender.model.score import Verdict

_ERROR_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_LABELS = ["series", "horizon"]


class QualityMetrics:
    """Metrics that say how much to believe."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._skill = Gauge(
            "climatik_recommender_forecast_skill_ratio",
            "1 - error / error of the baseline over the last day; under 0 the baseline is better.",
            [*_LABELS, "baseline"], registry=registry,
        )  # fmt: skip
        self._errors = Counter(
            "climatik_recommender_forecast_absolute_error_total",
            "Sum of |measured - predicted|, in watts (tokens per second for series load).",
            [*_LABELS, "forecast"], registry=registry,
        )  # fmt: skip
        self._measured = Counter(
            "climatik_recommender_forecast_measured_total",
            "Sum of what was measured where a forecast was due, in the same unit.",
            _LABELS, registry=registry,
        )  # fmt: skip
        self._bounds = Counter(
            "climatik_recommender_forecast_bounds_total", "Upper bounds (99 %) that came due.",
            [*_LABELS, "held"], registry=registry,
        )  # fmt: skip
        self._breaches_expected = Counter(
            "climatik_recommender_breaches_expected_total",
            "Sum of the probabilities of a breach that were told in status.", registry=registry,
        )  # fmt: skip
        self._breaches = Counter(
            "climatik_recommender_breaches_total",
            "Breaches within the horizon of those forecasts: the two sums should grow alike.",
            registry=registry,
        )  # fmt: skip
        self._power = Histogram(
            "climatik_recommender_power_model_error_ratio",
            "Draw of a replica that nothing holds, at its load: |measured - predicted| / measured.",
            buckets=_ERROR_BUCKETS, registry=registry,
        )  # fmt: skip
        self._slowdown = Histogram(
            "climatik_recommender_slowdown_error_ratio",
            "Time between tokens of a service under a limit: |measured - predicted| / measured.",
            buckets=_ERROR_BUCKETS, registry=registry,
        )  # fmt: skip
        self._seen: dict[tuple[tuple[str, str], str], float] = {}

    def show_forecasts(self, totals: Mapping[tuple[str, str], SkillTotals]) -> None:
        """Brings counters and skill up to totals that only grow."""
        for key, total in list(totals.items()):
            self._grow(self._measured.labels(*key), (key, "measured"), total.measured)
            for name, error in list(total.errors.items()):
                self._grow(self._errors.labels(*key, name), (key, name), error)
            held = total.judged - total.exceeded
            self._grow(self._bounds.labels(*key, "yes"), (key, "held"), held)
            self._grow(self._bounds.labels(*key, "no"), (key, "exceeded"), total.exceeded)
            for baseline in (PERSISTENCE, SEASONAL):
                skill = total.skill(baseline)
                if skill is not None:
                    self._skill.labels(*key, baseline).set(skill)

    def show_breach(self, verdict: Verdict) -> None:
        """Counts a probability that was told, and whether the cap broke."""
        if verdict.breach_probability is not None:
            self._breaches_expected.inc(verdict.breach_probability)
            self._breaches.inc(verdict.breached)

    def show_power(self, errors: Mapping[str, Sequence[float]]) -> None:
        """Takes relative errors of power models, by kind."""
        for found in errors.values():
            for error in found:
                self._power.observe(error)

    def show_slowdown(self, error: float) -> None:
        """Takes the relative error of a slowdown model."""
        self._slowdown.observe(error)

    def _grow(self, counter: Counter, key: tuple[tuple[str, str], str], total: float) -> None:
        counter.inc(max(0.0, total - self._seen.get(key, 0.0)))
        self._seen[key] = total
