"""The exporters speak the field's dialects, in text that a parser accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.machine_room.dcgm import render_dcgm
from deploy.local.machine_room.exposition import family
from deploy.local.machine_room.room import MachineRoom
from deploy.local.machine_room.vllm import render_vllm
from tests.unit.machine_room.rooms_for_tests import pod, run, small_room


def parsed(text: str) -> Mapping[str, Metric]:
    families: Iterable[Metric] = text_string_to_metric_families(text)
    return {metric.name: metric for metric in families}


@pytest.fixture
def room() -> MachineRoom:
    made = small_room()
    made.admit(pod("p0", gpus=2))
    made.admit(pod("p1", node="node-2"))
    run(made, 8.0)
    return made


def test_every_gpu_has_its_row_and_its_pod(room: MachineRoom) -> None:
    power = parsed(render_dcgm(room))["DCGM_FI_DEV_POWER_USAGE"]
    owners = {
        (sample.labels["Hostname"], sample.labels["gpu"]): sample.labels.get("pod")
        for sample in power.samples
    }
    assert owners == {
        ("node-1", "0"): "p0",
        ("node-1", "1"): "p0",
        ("node-2", "0"): "p1",
        ("node-2", "1"): None,
    }
    labels = power.samples[0].labels
    assert (labels["namespace"], labels["container"]) == ("llm", "vllm")
    assert labels["UUID"] == room.drivers["node-1"].node.gpus[0].uuid
    assert labels["modelName"] == "NVIDIA H100 80GB HBM3"


def test_gpu_figures_are_those_of_the_devices(room: MachineRoom) -> None:
    families = parsed(render_dcgm(room))
    gpu = room.drivers["node-1"].node.gpus[0]

    def first(name: str) -> float:
        return families[name].samples[0].value

    assert first("DCGM_FI_DEV_POWER_USAGE") == pytest.approx(gpu.draw_watts, abs=0.01)
    assert first("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION") == gpu.energy_millijoules
    assert first("DCGM_FI_DEV_SM_CLOCK") == gpu.reported_clock_mhz
    assert first("DCGM_FI_DEV_GPU_UTIL") == gpu.utilisation_percent
    assert first("DCGM_FI_DEV_GPU_TEMP") == round(gpu.temperature_celsius)


def test_a_gpu_that_cannot_be_read_has_no_row(room: MachineRoom) -> None:
    driver = room.drivers["node-1"]
    driver.inject_fault(driver.node.gpus[0].uuid, "lost")
    assert len(parsed(render_dcgm(room))["DCGM_FI_DEV_POWER_USAGE"].samples) == 3


def test_every_serving_replica_has_its_row(room: MachineRoom) -> None:
    families = parsed(render_vllm(room))
    for name in ("vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc"):
        assert [sample.labels["pod"] for sample in families[name].samples] == ["p0", "p1"]
    tokens = families["vllm:generation_tokens"].samples[0]
    assert tokens.name == "vllm:generation_tokens_total"
    assert tokens.labels["model_name"] == "meta-llama/Llama-3.1-8B-Instruct"
    assert tokens.value > 1000


@pytest.mark.parametrize("name", ["vllm:time_to_first_token_seconds", "vllm:inter_token_latency_seconds"])
def test_histograms_are_cumulative_and_end_in_their_count(room: MachineRoom, name: str) -> None:
    samples = [sample for sample in parsed(render_vllm(room))[name].samples if sample.labels["pod"] == "p0"]
    buckets = [sample.value for sample in samples if sample.name.endswith("_bucket")]
    count = next(sample.value for sample in samples if sample.name.endswith("_count"))
    assert buckets == sorted(buckets)
    assert buckets[-1] == count > 0


def test_a_starting_replica_says_nothing_yet() -> None:
    room = small_room(start_seconds=60.0)
    room.admit(pod("p0"))
    run(room, 1.0)
    assert parsed(render_vllm(room))["vllm:num_requests_running"].samples == []


def test_counters_never_fall(room: MachineRoom) -> None:
    def counters() -> list[float]:
        families = [*parsed(render_dcgm(room)).values(), *parsed(render_vllm(room)).values()]
        return [
            sample.value
            for metric in families
            if metric.type in ("counter", "histogram")
            for sample in metric.samples
        ]

    before = counters()
    run(room, 1.0)
    assert all(new >= old for new, old in zip(counters(), before, strict=True))


def test_label_values_are_escaped() -> None:
    text = family("some_watts", "gauge", "Some.", [({"name": 'a "b"\\\n'}, 1.5)])
    assert parsed(text)["some_watts"].samples[0].labels["name"] == 'a "b"\\\n'
