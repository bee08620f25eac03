"""The agent's own metrics parse, carry the node, and come from energy counters."""

from prometheus_client.parser import text_string_to_metric_families

from nodeagent.report.energy import EnergyMeter
from nodeagent.report.histogram import Histogram
from nodeagent.report.metrics import NodeMetrics
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import NODE, budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent


async def families(tmp_path):
    agent = Agent([FakeDevice(gpu_info("GPU-0"), draw=600.0)], tmp_path)
    agent.see(frequencies(budget(1, 500, base=400)), domain())
    metrics = NodeMetrics(NODE)
    for _ in range(30):
        snapshot = await agent.turn()
        metrics.observe(snapshot, agent.clock.monotonic())
    for outcome in agent.outcomes:
        metrics.wrote(outcome)
    return {family.name: family for family in text_string_to_metric_families(metrics.render().decode())}


async def test_every_series_names_the_node_and_no_pod(tmp_path):
    found = await families(tmp_path)
    for family in found.values():
        assert family.name.startswith("climatik_node_")
        for sample in family.samples:
            assert sample.labels["node"] == NODE
            assert "pod" not in sample.labels


async def test_what_the_node_may_and_does(tmp_path):
    found = await families(tmp_path)
    assert found["climatik_node_budget_watts"].samples[0].value == 500
    assert found["climatik_node_enforced_budget_watts"].samples[0].value <= 500
    assert found["climatik_node_writes"].samples[0].labels["result"] == "ok"
    counts = {s.name: s.value for s in found["climatik_node_guard_latency_seconds"].samples}
    assert counts["climatik_node_guard_latency_seconds_count"] == 1
    assert found["climatik_node_gpu_watts"].samples[0].labels["gpu_uuid"] == "GPU-0"
    assert 500 < found["climatik_node_lease_left_seconds"].samples[0].value <= 600


def test_nothing_before_the_first_step():
    assert NodeMetrics(NODE).render() == b""


def test_a_counter_that_wraps_loses_nothing():
    meter = EnergyMeter(1.0, range_millijoules=10_000)
    for second, energy in enumerate([9000, 9500, 100]):
        meter.add(energy, float(second))
    assert meter.watts == 0.6


def test_a_counter_that_was_reset_is_no_negative_draw():
    meter = EnergyMeter(1.0)
    for second, energy in enumerate([9000, 9500, 100, 700]):
        meter.add(energy, float(second))
        assert meter.watts is None or meter.watts >= 0
    assert meter.watts == 0.6


def test_histogram_buckets_are_cumulative():
    histogram = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 7.0):
        histogram.observe(value)
    counts = [line.rsplit(" ", 1)[1] for line in histogram.lines("x", 'node="a"')]
    assert counts[:3] == ["2", "3", "4"]
