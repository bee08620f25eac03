"""Every dialect is found and read through a real Prometheus, label variants and all."""

import asyncio
import time

import pytest

from common.telemetry.detect import series_present, spoken
from common.telemetry.dialects import DIALECTS
from common.telemetry.errors import TelemetryRefusedError
from common.telemetry.freshness import Freshness
from common.telemetry.prometheus import Prometheus as Client
from common.telemetry.prometheus import PrometheusSettings
from common.telemetry.reading import read_power
from deploy.local.prometheus import Prometheus
from tests.cluster.recommender.exposition import Exposition

PAGE = """
# Two MIG instances of GPU-1, a blank value, overlapping zones.
climatik_node_watts{node="a"} 900
climatik_node_gpu_watts{node="a",gpu="0",gpu_uuid="GPU-1"} 300
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-1",Hostname="a",GPU_I_ID="1",pod="p",namespace="ns"} 300
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-1",Hostname="a",GPU_I_ID="2",pod="q",namespace="ns"} 300
DCGM_FI_DEV_POWER_USAGE{gpu="1",UUID="GPU-2",hostname="b"} 9.223372036854776e+18
kepler_node_cpu_watts{node_name="c",zone="package",path="/x"} 80
kepler_node_cpu_watts{node_name="c",zone="core",path="/x"} 60
kepler_pod_cpu_watts{pod_name="r",pod_namespace="ns",zone="package",state="running"} 30
kepler_pod_cpu_watts{pod_name="old",pod_namespace="ns",zone="package",state="terminated"} 5
"""


@pytest.fixture(scope="module")
def exporter():
    exposition = Exposition()
    exposition.text = PAGE
    yield exposition
    exposition.close()


def serve(exporter, folder, *, honor_labels):
    target = {"targets": [exporter.address], "labels": {"pod": "exporter-x", "namespace": "monitoring"}}
    job = {"job_name": "all", "honor_labels": honor_labels, "static_configs": [target]}
    return Prometheus(folder, scrape_configs=[job])


async def read(client):
    for _ in range(100):
        present = await series_present(client, DIALECTS)
        if present:
            return await read_power(client, spoken(present, DIALECTS), present, time.time())
        await asyncio.sleep(0.1)
    raise AssertionError("Prometheus has scraped nothing")


def rows(table):
    return {
        (scope, node, device, pod, source, watts)
        for scope, node, device, pod, source, watts in zip(
            table.scope, table.node, table.device, table.pod, table.source, table.watts.tolist(), strict=True
        )
    }


@pytest.mark.parametrize("honor_labels", [True, False], ids=["honored", "exported"])
async def test_all_dialects_at_once(exporter, tmp_path, honor_labels):
    with serve(exporter, tmp_path, honor_labels=honor_labels) as server:
        async with Client(PrometheusSettings(url=server.url)) as client:
            reading = await read(client)
    assert reading.sources == ("climatik", "dcgm", "kepler")
    assert reading.impossible == (("dcgm", 1),)
    assert (reading.table.age_seconds < 10).all()
    assert rows(reading.table) == {
        ("node", "a", "", "", "climatik", 900.0),
        ("gpu", "a", "GPU-1", "", "climatik", 300.0),
        ("gpu", "a", "GPU-1", "p", "dcgm", 300.0),
        ("gpu", "a", "GPU-1", "q", "dcgm", 300.0),
        ("package", "c", "package", "", "kepler", 80.0),
        ("pod", "", "", "r", "kepler", 30.0),
    }


async def test_a_target_that_goes_down_is_silent(exporter, tmp_path):
    with serve(exporter, tmp_path, honor_labels=True) as server:
        async with Client(PrometheusSettings(url=server.url)) as client:
            freshness = Freshness(DIALECTS)
            freshness.fresh(await read(client), time.time())
            exporter.text = ""
            for _ in range(100):
                if not await series_present(client, DIALECTS):
                    break
                await asyncio.sleep(0.1)
            exporter.text = PAGE
            later = time.time() + 60
            assert {one.source for one in freshness.silences(later, ["a", "b", "c"])} >= {"climatik"}
            assert not await series_present(client, DIALECTS)


async def test_a_range_has_gaps_and_a_bad_query_is_explained(exporter, tmp_path):
    with serve(exporter, tmp_path, honor_labels=True) as server:
        async with Client(PrometheusSettings(url=server.url)) as client:
            await read(client)
            now = time.time()
            matrix = await client.query_range("climatik_node_watts", start=now - 60, end=now, step_seconds=1)
            assert matrix.values.shape == (1, 61)
            assert matrix.values[0, -1] == 900
            assert str(matrix.values[0, 0]) == "nan"
            with pytest.raises(TelemetryRefusedError, match="bad_data"):
                await client.query("climatik_node_watts{")
