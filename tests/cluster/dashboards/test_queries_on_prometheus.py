"""A real Prometheus takes every query of the dashboards."""

import json
import urllib.parse
import urllib.request

import pytest

from deploy.dashboards.panels import DASHBOARDS
from deploy.local.prometheus import Prometheus

QUERIES = [
    pytest.param(line.query, id=f"{dashboard.identity}: {panel.title}: {line.legend}")
    for dashboard in DASHBOARDS
    for panel in dashboard.panels
    for line in panel.lines
]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with Prometheus(tmp_path_factory.mktemp("prometheus"), scrape_configs=[]) as started:
        yield started


@pytest.mark.parametrize("query", QUERIES)
def test_query_is_accepted(prometheus, query):
    filled = query.replace("$domain", "room").replace("$node", "node-1")
    address = f"{prometheus.url}/api/v1/query?" + urllib.parse.urlencode({"query": filled})
    with urllib.request.urlopen(address, timeout=10) as answer:
        body = json.load(answer)
    assert body["status"] == "success"
    assert body.get("warnings", []) == []
