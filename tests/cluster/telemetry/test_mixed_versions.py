"""Several sources of several versions on different nodes, read at once through a real Prometheus."""

import asyncio
import time

import numpy as np
import pytest

from benchmarks.doctor.pages import Pages
from common.telemetry.detect import series_present, spoken
from common.telemetry.dialects import DIALECTS
from common.telemetry.freshness import Freshness
from common.telemetry.load import Server, read_load
from common.telemetry.prometheus import Prometheus as Client
from common.telemetry.prometheus import PrometheusSettings
from common.telemetry.reading import read_power
from deploy.local.prometheus import Prometheus

JITTER = 0.02
"""Of a rate between two scrapes 0.25 s apart, whose time stamps have whole milliseconds."""

KEPLER = """
kepler_node_cpu_watts{node_name="k1",zone="package",path="/p"} 90
kepler_node_cpu_watts{node_name="k1",zone="core",path="/c"} 60
kepler_node_cpu_watts{node_name="k1",zone="psys",path="/s"} 130
kepler_node_cpu_watts{node_name="k2",zone="psys",path="/s"} 140
kepler_node_cpu_watts{node_name="k2",zone="dram",path="/d"} 10
kepler_node_cpu_watts{node_name="k3",zone="package-0",path="/0"} 40
kepler_node_cpu_watts{node_name="k3",zone="package-1",path="/1"} 50
kepler_pod_cpu_watts{pod_id="u1",pod_name="p",pod_namespace="ns",node_name="k1",zone="package",state="running"} 30
kepler_pod_cpu_watts{pod_id="u1",pod_name="p",pod_namespace="ns",node_name="k1",zone="core",state="running"} 20
kepler_pod_cpu_watts{pod_id="u0",pod_name="o",pod_namespace="ns",node_name="k1",zone="package",state="terminated"} 3
kepler_container_cpu_watts{container_id="c1",container_name="web",pod_id="u1",node_name="k1",zone="package",state="running"} 25
kepler_container_cpu_watts{container_id="c1",container_name="web",pod_id="u1",node_name="k1",zone="core",state="running"} 15
kepler_node_gpu_watts{gpu="0",gpu_uuid="GPU-K",node_name="k1",vendor="nvidia"} 210
kepler_pod_gpu_watts{pod_id="u1",pod_name="p",pod_namespace="ns",node_name="k1",state="running"} 150
"""  # noqa: E501 - one series a line

DCGM = """
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-OLD",Hostname="d1",exported_pod="t",exported_namespace="ns"} 300
DCGM_FI_DEV_BOARD_POWER_WATTS{gpu="0",UUID="GPU-NEW",hostname="d2",pod="q",namespace="ns",container="c"} 310
DCGM_FI_DEV_BOARD_POWER_RAW_WATTS{gpu="0",UUID="GPU-NEW",hostname="d2",pod="q",namespace="ns"} 340
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-BLANK",Hostname="d1"} 9223372036854775794
"""


def counters(seconds):
    """Kepler 0.9 at 40 + 10 W and 7 W, and a board at 250 W that tells its energy alone; one restarts."""
    restarted = seconds % 1.5
    return f"""
kepler_node_package_joules_total{{instance="o1",package="0",mode="dynamic"}} {1000 + 40 * seconds}
kepler_node_package_joules_total{{instance="o1",package="0",mode="idle"}} {500 + 10 * seconds}
kepler_node_package_joules_total{{instance="o2",package="0",mode="dynamic"}} {80 * restarted}
kepler_container_package_joules_total{{container_id="x",pod_name="r",container_name="w",container_namespace="ns",mode="dynamic"}} {7 * seconds}
kepler_container_package_joules_total{{container_id="x",pod_name="r",container_name="w",container_namespace="ns",mode="idle"}} {3 * seconds}
kepler_container_joules_total{{container_id="x",pod_name="r",container_name="w",container_namespace="ns",mode="dynamic"}} {99 * seconds}
kepler_container_joules_total{{container_id="y",pod_name="s",container_name="w",container_namespace="ns",mode="dynamic",source="all"}} {260 * seconds}
kepler_container_gpu_joules_total{{container_id="y",pod_name="s",container_name="w",container_namespace="ns",mode="dynamic",source="nvml"}} {200 * seconds}
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{gpu="1",UUID="GPU-ENERGY",Hostname="o1"}} {9e6 + 250e3 * seconds}
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{gpu="0",UUID="GPU-OLD",Hostname="d1"}} {9e6 + 777e3 * seconds}
"""  # noqa: E501 - one series a line


def vllm(seconds):
    return f"""
vllm:num_requests_running{{model_name="m",engine="0",pod="new",namespace="ns"}} 3
vllm:num_requests_running{{model_name="m",engine="1",pod="new",namespace="ns"}} 4
vllm:num_requests_waiting{{model_name="m",engine="0",pod="new",namespace="ns"}} 2
vllm:kv_cache_usage_perc{{model_name="m",engine="0",pod="new",namespace="ns"}} 0.25
vllm:generation_tokens_total{{model_name="m",engine="0",pod="new",namespace="ns"}} {400 * seconds}
vllm:generation_tokens_total{{model_name="m",engine="1",pod="new",namespace="ns"}} {600 * seconds}
vllm:time_to_first_token_seconds_sum{{model_name="m",engine="0",pod="new",namespace="ns"}} {0.5 * seconds}
vllm:time_to_first_token_seconds_count{{model_name="m",engine="0",pod="new",namespace="ns"}} {2 * seconds}
vllm:inter_token_latency_seconds_sum{{model_name="m",engine="0",pod="new",namespace="ns"}} {0.8 * seconds}
vllm:inter_token_latency_seconds_count{{model_name="m",engine="0",pod="new",namespace="ns"}} {40 * seconds}
vllm:time_per_output_token_seconds_sum{{model_name="m",engine="0",pod="new",namespace="ns"}} {9 * seconds}
vllm:time_per_output_token_seconds_count{{model_name="m",engine="0",pod="new",namespace="ns"}} {40 * seconds}
vllm:num_requests_running{{model_name="m",pod="old",namespace="ns"}} 1
vllm:gpu_cache_usage_perc{{model_name="m",pod="old",namespace="ns"}} 0.75
vllm:time_per_output_token_seconds_sum{{model_name="m",pod="old",namespace="ns"}} {1.2 * seconds}
vllm:time_per_output_token_seconds_count{{model_name="m",pod="old",namespace="ns"}} {40 * seconds}
"""


def stamped(page, began):
    """The page with each sample's own time: rates are exact, however late a loaded machine is scraped."""

    def made(seconds):
        stamp = int(1000 * (began + seconds))
        return "".join(f"{line} {stamp}\n" for line in page(seconds).strip().splitlines())

    return made


def late(_seconds):
    """A target whose clock is four minutes behind, and which stamps its samples itself."""
    return f'climatik_node_watts{{node="late"}} 500 {int((time.time() - 240) * 1000)}\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    began = time.time()
    counted = {"/old": stamped(counters, began), "/vllm": stamped(vllm, began)}
    pages = Pages({"/kepler": KEPLER, "/dcgm": DCGM, "/late": late, **counted})
    jobs = [
        pages.job("/kepler", {"instance": "k:1"}, honor_labels=False),
        pages.job("/dcgm"),
        pages.job("/old"),
        pages.job("/vllm"),
        pages.job("/late"),
    ]
    with Prometheus(tmp_path_factory.mktemp("mixed"), scrape_configs=jobs, interval_seconds=0.25) as running:
        yield running
    pages.close()


async def read(client, *, detail=False):
    present = await series_present(client, DIALECTS)
    return await read_power(client, spoken(present, DIALECTS), present, time.time(), detail=detail)


@pytest.fixture
async def client(server):
    async with Client(PrometheusSettings(url=server.url)) as client:
        async with asyncio.timeout(60):
            while not await scraped(client):  # noqa: ASYNC110 - the server is asked
                await asyncio.sleep(0.1)
        yield client


async def scraped(client):
    """Whether every page has been read several times."""
    sampled = await client.query("min(count_over_time(up[1m]))")
    return len(sampled) and sampled.values[0] >= 8


def watts(table, scope):
    keys = zip(table.scope, table.source, table.node, table.device, table.pod, table.container, strict=True)
    rows = zip(keys, table.watts.tolist(), strict=True)
    return {tuple(filter(None, key[1:])): value for key, value in rows if key[0] == scope}


async def test_each_node_is_measured_by_one_zone(client):
    found = watts((await read(client)).table, "package")
    assert {key: value for key, value in found.items() if key[0] == "kepler"} == {
        ("kepler", "k1", "package"): 90,
        ("kepler", "k2", "psys"): 140,
        ("kepler", "k3", "package-0"): 40,
        ("kepler", "k3", "package-1"): 50,
    }


async def test_living_pods_are_read_once_and_containers_get_the_names_of_their_pods(client):
    table = (await read(client, detail=True)).table
    assert watts(table, "pod")["kepler", "k1", "p"] == 30
    assert ("kepler", "k1", "o") not in watts(table, "pod")
    assert watts(table, "container") == {("kepler", "k1", "p", "web"): 25}
    assert watts(table, "pod-gpu") == {
        ("kepler", "k1", "p"): 150,
        ("kepler-0.9", "s", "w"): pytest.approx(200, rel=JITTER),
    }


async def test_detail_is_read_on_demand_alone(client):
    assert {"container", "pod-gpu"}.isdisjoint((await read(client)).table.scope)


async def test_gpus_of_all_versions_are_read_side_by_side(client):
    reading = await read(client)
    found = watts(reading.table, "gpu")
    energy = found.pop(("dcgm", "o1", "GPU-ENERGY"))
    assert found == {
        ("dcgm", "d1", "GPU-OLD", "t"): 300,
        ("dcgm", "d2", "GPU-NEW", "q", "c"): 310,
        ("kepler", "k1", "GPU-K"): 210,
    }
    assert energy == pytest.approx(250, rel=JITTER)
    assert reading.impossible == (("dcgm", 1),)


async def test_counters_become_watts_of_nodes_and_of_the_active_part_of_pods(client):
    table = (await read(client)).table
    rows = (table.source == "kepler-0.9") & (table.scope == "package") & (table.node == "o1")
    assert sorted(table.watts[rows]) == [pytest.approx(10, rel=JITTER), pytest.approx(40, rel=JITTER)]
    assert watts(table, "pod")["kepler-0.9", "r", "w"] == pytest.approx(7, rel=JITTER)
    assert watts(table, "pod")["kepler-0.9", "s", "w"] == pytest.approx(60, rel=JITTER)
    assert np.isfinite(table.age_seconds).all()


async def test_a_counter_that_restarts_says_nothing(client):
    assert "o2" not in (await read(client)).table.node


async def test_a_target_with_a_clock_that_is_behind_is_not_used(client):
    reading = await read(client)
    assert "late" in reading.table.node
    assert "late" not in Freshness(DIALECTS).fresh(reading, reading.at).node


async def test_load_of_both_generations_of_inference_servers(client):
    table = await read_load(client, time.time())
    assert table.servers == (Server("ns", "new", "m"), Server("ns", "old", "m"))
    assert table.running.tolist() == [7, 1]
    assert table.waiting[0] == 2
    assert np.isnan(table.waiting[1])
    assert table.cache_ratio.tolist() == [0.25, 0.75]
    assert table.generated_per_second[0] == pytest.approx(1000, rel=JITTER)
    assert table.first_token_seconds[0] == pytest.approx(0.25, rel=0.01)
    assert table.next_token_seconds.tolist() == pytest.approx([0.02, 0.03], rel=0.01)
    assert (table.age_seconds < 5).all()
