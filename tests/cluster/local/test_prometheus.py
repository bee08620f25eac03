"""The real Prometheus scrapes what it is given, each second, and goes when it is stopped."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from deploy.local.processes import wait_until
from deploy.local.prometheus import Prometheus


@pytest.fixture
def exporter() -> Iterator[str]:
    registry = CollectorRegistry()
    Gauge("climatik_test_watts", "Watts.", registry=registry).set(321)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_scrapes_each_second(exporter: str, tmp_path: Path) -> None:
    job = {"job_name": "test", "static_configs": [{"targets": [exporter]}]}
    with Prometheus(tmp_path, scrape_configs=[job]) as prometheus:
        wait_until(lambda: bool(_values(prometheus, "climatik_test_watts")), "the gauge", timeout_seconds=30)
        assert _values(prometheus, "climatik_test_watts") == ["321"]

        def three_samples() -> bool:
            counted = _values(prometheus, "count_over_time(climatik_test_watts[4s])")
            return [int(count) for count in counted] >= [3]

        wait_until(three_samples, "three samples in four seconds", timeout_seconds=15)
    with pytest.raises(OSError, match="refused"):
        _values(prometheus, "climatik_test_watts")


def _values(prometheus: Prometheus, query: str) -> list[str]:
    url = f"{prometheus.url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=5) as answer:
        result: list[dict[str, Any]] = json.loads(answer.read())["data"]["result"]
    return [series["value"][1] for series in result]
