"""Load of inference servers: engines add up, what is not told stays unknown."""

import math

import numpy as np

from common.telemetry.load import Server, read_load
from tests.unit.telemetry.fake_queries import FakeQueries

POD = {"namespace": "ns", "pod": "p", "model_name": "m"}
RUNNING = "vllm:num_requests_running"


async def test_engines_of_a_pod_add_up_and_the_unknown_is_not_zero():
    rows = [({**POD, "engine": each}, 2.0) for each in "01"]
    table = await read_load(FakeQueries({RUNNING: rows}), 10.0)
    assert table.servers == (Server("ns", "p", "m"),)
    assert table.running.tolist() == [4.0]
    assert math.isnan(table.waiting[0])
    assert math.isnan(table.first_token_seconds[0])


async def test_the_workload_counts_where_the_exporter_scraped_is_another_pod():
    labels = {**POD, "exported_pod": "q", "exported_namespace": "other"}
    table = await read_load(FakeQueries({RUNNING: [(labels, 1.0)]}), 10.0)
    assert table.servers == (Server("other", "q", "m"),)


async def test_latency_without_requests_is_unknown():
    answers = {RUNNING: [(POD, 0.0)]}
    queries = FakeQueries(answers)
    await read_load(queries, 10.0)
    (latency,) = [each for each in queries.asked if "time_to_first_token" in each]
    answers[latency] = [(POD, float("nan"))]
    assert np.isnan((await read_load(queries, 10.0)).first_token_seconds).all()


async def test_no_servers_make_an_empty_table():
    assert len(await read_load(FakeQueries({}), 10.0)) == 0


async def test_each_quantity_is_asked_for_once_whatever_the_number_of_pods():
    queries = FakeQueries({RUNNING: [({**POD, "pod": f"p{i}"}, 1.0) for i in range(500)]})
    assert len(await read_load(queries, 10.0)) == 500
    assert len(queries.asked) == len(set(queries.asked)) == 9
