"""A Job that may wait, between a recommender that knows prices, and an actuator that counts its pods."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from common.api.batch import JOBS
from common.api.meta import rfc3339
from common.api.policy import ScheduleAdvice
from deploy.local.cluster import LocalCluster
from deploy.local.processes import Process, start
from deploy.local.prometheus import Prometheus
from tests.cluster.recommender.exposition import Exposition

from .conftest import Place, running, workload_spec

HOUR = timedelta(hours=1)
_REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Dear in this hour and the next two, cheap from then on."""
    start_of_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows = [f"{rfc3339(start_of_hour + n * HOUR)},{90 if n < 3 else 20}" for n in range(24)]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(["start,price", *rows]) + "\n")
    return path


@pytest.fixture
def recommender(cluster: LocalCluster, place: Place, prices: Path, tmp_path: Path) -> Iterator[Process]:
    """Watches Jobs, prices, and a Prometheus with one node in it."""
    exporter = Exposition()
    exporter.text = f'DCGM_FI_DEV_POWER_USAGE{{UUID="GPU-1",gpu="0",Hostname="{place.node}"}} 80\n'
    job = {"job_name": "node", "static_configs": [{"targets": [exporter.address]}]}
    with Prometheus(tmp_path / "prometheus", scrape_configs=[job]) as prometheus:
        kubeconfig = cluster.kubeconfig_for("climatik-recommender")
        command = [sys.executable, "-m", "recommender", "--kubeconfig", str(kubeconfig), "--shift-jobs"]
        command += ["--price-sources", f"csv path={prices} unit=EUR/MWh column=price"]
        command += ["--prometheus-url", prometheus.url, "--interval-seconds", "1", "--detect-seconds", "1"]
        command += ["--refresh-seconds", "2", "--checkpoint-config-maps=false"]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_REPOSITORY)}
        process = start("recommender", command, log=tmp_path / "recommender.log", environ=environ)
        yield process
        process.stop()
    exporter.close()


async def test_it_waits_for_cheap_hours_and_runs_when_no_slack_is_left(
    place: Place, recommender: Process
) -> None:
    now = datetime.now(UTC)
    spec = {"parallelism": 2, "template": workload_spec("train", place.node)["template"]}
    spec["template"]["spec"]["restartPolicy"] = "Never"
    wait = {"climatik.io/complete-by": rfc3339(now + 12 * HOUR), "climatik.io/run-hours": "2"}
    metadata = {"name": "train", "annotations": wait}
    await place.client.create(JOBS, {"metadata": metadata, "spec": spec}, place.namespace)
    await place.until(lambda: _pods(place, 2), "the Job's pods")
    update = {"updateMode": "Auto", "levers": ["Scale"], "minReplicas": 0}
    await place.policy(workloadType="Training", updatePolicy=update)
    async with running(place):
        await place.until(lambda: _parallelism(place, 0), "the wait")
        await place.until(lambda: _pods(place, 0), "the end of its pods")
        told = await _schedule(place)
        assert told is not None
        assert not told.runs
        assert told.next_start > rfc3339(now + HOUR)
        assert "cheapest hours" in told.reason
        assert '"original":2' in str(await place.note(JOBS, "train"))

        soon = {"metadata": {"annotations": {"climatik.io/complete-by": rfc3339(now + 2 * HOUR)}}}
        await place.client.patch(JOBS, "train", soon, place.namespace)
        await place.until(lambda: _parallelism(place, 2), "the end of the wait")
        await place.until(lambda: _pods(place, 2), "its pods again")
        assert await place.note(JOBS, "train") is None


async def _parallelism(place: Place, count: int) -> bool:
    return (await place.client.get(JOBS, "train", place.namespace)).spec.parallelism == count


async def _pods(place: Place, count: int) -> bool:
    return await place.pods("train") == count


async def _schedule(place: Place) -> ScheduleAdvice | None:
    advice = (await place.the_policy()).status.recommendation
    return advice.schedule[0] if advice and advice.schedule else None
