"""Predicted against measured, and what is expected within hours, as metrics."""

import pytest
from prometheus_client import CollectorRegistry

from common.models.ahead import Ahead, SkillTotals
from recommender.model.score import Verdict
from recommender.output.forecasts import ForecastPage
from recommender.output.quality import QualityMetrics

KEY = ("policy", "1h")
LABELS = {"series": "policy", "horizon": "1h"}


@pytest.fixture
def registry():
    return CollectorRegistry()


def totals(factor):
    errors = {"model": 10.0 * factor, "persistence": 20.0 * factor, "seasonal": 40.0 * factor}
    return {KEY: SkillTotals(100.0 * factor, errors, 50 * factor, factor, errors)}


def test_totals_grow_as_counters_and_skill_compares_with_each_baseline(registry):
    quality = QualityMetrics(registry)
    for factor in (1, 2, 2):
        quality.show_forecasts(totals(factor))

    def value(name, **more):
        return registry.get_sample_value(f"climatik_recommender_forecast_{name}", LABELS | more)

    assert value("measured_total") == 200
    assert value("absolute_error_total", forecast="model") == 20
    assert value("bounds_total", held="no") == 2
    assert value("bounds_total", held="yes") == 98
    assert value("skill_ratio", baseline="persistence") == pytest.approx(0.5)
    assert value("skill_ratio", baseline="seasonal") == pytest.approx(0.75)


def test_breaches_are_counted_beside_what_was_told(registry):
    quality = QualityMetrics(registry)
    for breached in (True, False, False, False):
        quality.show_breach(Verdict(0.1, exceeded=False, breach_probability=0.25, breached=breached))
    quality.show_breach(Verdict(0.1, exceeded=False))
    assert registry.get_sample_value("climatik_recommender_breaches_expected_total") == pytest.approx(1.0)
    assert registry.get_sample_value("climatik_recommender_breaches_total") == 1


class Known:
    def ahead(self, series):
        return Ahead((900.0, 950.0, 990.0, 900.0), (1000.0, 1100.0, 1200.0, 1300.0), 880.0)


def test_forecasts_by_horizon_and_bound(registry):
    page = ForecastPage()
    registry.register(page)
    page.show({"policy/ns/cap": 880.0, "domain/row": 5000.0, "load/ns/cap": 1234.0, "node/n1": 1.0}, Known())
    policy = {"namespace": "ns", "policy": "cap"}
    hour = {"horizon": "1h", "bound": "upper"}
    assert registry.get_sample_value("climatik_policy_forecast_watts", policy | hour) == 1100
    assert registry.get_sample_value("climatik_domain_forecast_watts", {"domain": "row"} | hour) == 1100
    assert registry.get_sample_value("climatik_policy_tokens_per_second", policy) == 1234
    name = "climatik_policy_forecast_tokens_per_second"
    assert registry.get_sample_value(name, policy | {"horizon": "24h", "bound": "median"}) == 900
