"""The dashboards are as their tables say, and ask for metrics that the binaries expose."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from actuator.audit.metrics import LadderMetrics
from actuator.output.metrics import ActuatorMetrics
from admission.metrics import AdmissionMetrics
from deploy.dashboards.panels import DASHBOARDS
from deploy.dashboards.render import path_of, render
from recommender.output.metrics import PowerPage, RecommenderMetrics, SharedWatts
from recommender.output.quality import QualityMetrics

ROOT = Path(__file__).parents[3]
METRIC = re.compile(r"climatik_[a-z_]+")
SUFFIX = re.compile(r"_(bucket|sum|count|total)$")


def _exposed() -> set[str]:
    """Names of all families, without the suffixes of their samples."""
    collected = []
    for metrics in (RecommenderMetrics, QualityMetrics, ActuatorMetrics, LadderMetrics, AdmissionMetrics):
        registry = CollectorRegistry()
        metrics(registry)
        collected += [family.name for family in registry.collect()]
    page = PowerPage()
    page.policies[("llm", "chat")] = SharedWatts(1.0, 2, 1.0)
    page.domains["room"] = SharedWatts(1.0, 2, 1.0, {"idle": 1.0})
    pages = METRIC.findall(page.render().decode())
    written_by_hand = [
        name
        for file in (
            "nodeagent/report/metrics.py",
            "recommender/planner/servicer.py",
            "recommender/output/plan_metrics.py",
        )
        for name in METRIC.findall((ROOT / file).read_text())
    ]
    return {SUFFIX.sub("", name) for name in [*collected, *pages, *written_by_hand]}


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.identity)
def test_file_is_what_its_table_says(dashboard):
    assert path_of(dashboard).read_text() == render(dashboard), "run: python -m deploy.dashboards.render"


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.identity)
def test_every_query_asks_for_a_metric_that_exists(dashboard):
    exposed = _exposed()
    asked = {
        name
        for text in [
            *(line.query for panel in dashboard.panels for line in panel.lines),
            *(query for _, query in dashboard.variables),
        ]
        for name in METRIC.findall(text)
    }
    assert asked
    assert {name for name in asked if SUFFIX.sub("", name) not in exposed} == set()


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.identity)
def test_every_panel_says_how_to_read_it(dashboard):
    for panel in dashboard.panels:
        assert panel.description.endswith("."), panel.title
        assert panel.lines
