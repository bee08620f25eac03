"""Replicas: requests are neither lost nor made up, and slower GPUs mean later tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.twin.gpu_model import H100, IDLE, Load
from common.twin.histogram import FluidHistogram
from common.twin.node import NodeModel, SimulatedNode
from common.twin.phases import StartPhase, training_load
from common.twin.served_model import dense_model
from common.twin.serving import Demand, ServingReplica

MODEL = dense_model("meta-llama/Llama-3.1-8B-Instruct", 8.0, 1)
FULL_SPEED = (1.0, 1.0)


def serve(
    rate: float, seconds: float, speeds: tuple[float, float] = FULL_SPEED
) -> tuple[ServingReplica, Load]:
    replica, load = ServingReplica(MODEL), IDLE
    for _ in range(round(seconds / 0.1)):
        load = replica.step(Demand(rate, 600.0, 200.0), speeds, 0.1)
    return replica, load


def mean_latency(replica: ServingReplica) -> float:
    return replica.inter_token_latency.sum / replica.inter_token_latency.count


@settings(max_examples=60)
@given(
    rates=st.lists(st.floats(0, 80), min_size=1, max_size=40),
    speed=st.floats(0.2, 1.0),
)
def test_requests_are_conserved_and_the_load_is_a_share_of_time(rates: list[float], speed: float) -> None:
    replica = ServingReplica(MODEL)
    arrived = 0.0
    for rate in rates:
        for _ in range(10):
            load = replica.step(Demand(rate, 700.0, 150.0), (speed, 1.0), 0.1)
            arrived += rate * 0.1
            assert min(load) >= 0.0
            assert load.compute + load.memory <= 1.0 + 1e-9
            assert 0.0 <= replica.kv_cache_usage <= 1.0
    accounted = replica.requests_waiting + replica.requests_running + replica.requests_total
    assert accounted == pytest.approx(arrived)


def test_an_idle_replica_loads_nothing() -> None:
    replica, load = serve(0.0, 5.0)
    assert load == IDLE
    assert replica.generation_tokens_total == 0.0


def test_few_requests_are_memory_bound_and_many_are_compute_bound() -> None:
    (_, light), (_, heavy) = serve(1.0, 30.0), serve(25.0, 30.0)
    assert light.memory > 0.8
    assert heavy.compute > 0.55


def test_more_requests_draw_more_watts() -> None:
    watts = [H100.draw_watts(serve(rate, 30.0)[1], 1980) for rate in (0.2, 1.0, 5.0, 15.0, 25.0)]
    assert watts == sorted(watts)
    assert watts[0] < 200.0
    assert watts[-1] > 550.0


def test_a_capped_gpu_answers_later() -> None:
    (fast, _), (slow, _) = serve(10.0, 60.0), serve(10.0, 60.0, (0.5, 0.95))
    assert mean_latency(slow) > 1.3 * mean_latency(fast)
    assert slow.generation_tokens_total <= fast.generation_tokens_total


def test_what_cannot_be_served_waits() -> None:
    replica, _ = serve(60.0, 60.0)
    assert replica.requests_waiting > 500
    mean_wait = replica.time_to_first_token.sum / replica.time_to_first_token.count
    assert mean_wait > 5.0


def test_a_replica_on_two_gpus_is_faster() -> None:
    wide = dense_model("m", 8.0, 2)
    assert wide.prefill_tokens_per_second == pytest.approx(2 * MODEL.prefill_tokens_per_second)
    assert wide.weights_seconds < MODEL.weights_seconds
    assert wide.kv_cache_tokens > 2 * MODEL.kv_cache_tokens


def test_histograms_only_rise_and_end_with_everything() -> None:
    histogram = FluidHistogram((0.1, 1.0))
    histogram.observe(0.5, 2.5)
    histogram.observe(4.0, 1.0)
    counts = [events for _, events in histogram.cumulative()]
    assert counts == sorted(counts)
    assert counts[-1] == pytest.approx(histogram.count) == pytest.approx(3.5)


def test_a_start_on_all_gpus_of_a_server_is_a_step_of_kilowatts_in_two_seconds() -> None:
    phase = StartPhase(seconds=8.0)
    node = SimulatedNode("node-1", NodeModel())
    watts = []
    for step in range(400):
        for gpu in node.gpus:
            gpu.load = phase.load_at(step * 0.02) or IDLE
        node.step(0.02)
        watts.append(node.true_draw_watts)
    assert watts[105] - watts[0] == pytest.approx(3200, rel=0.05)
    assert watts[399] == pytest.approx(watts[105], rel=0.02)
    assert phase.load_at(8.0) is None


def test_training_is_compute_bound_but_for_its_exchanges() -> None:
    loads = [training_load(second / 10) for second in range(40)]
    assert loads[0].compute > 0.8
    assert sum(load.compute < 0.2 for load in loads) == 4
