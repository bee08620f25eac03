"""One reading: every family asked for once, ages told, impossible values dropped and counted."""

import numpy as np

from common.telemetry.detect import series_present, spoken
from common.telemetry.dialects import DIALECTS
from common.telemetry.dialects.climatik import ClimatikDialect
from common.telemetry.dialects.dcgm import DcgmDialect
from common.telemetry.reading import read_power
from tests.unit.telemetry.fake_queries import FakeQueries, family

NODES = "climatik_node_watts"
BOARDS = "DCGM_FI_DEV_POWER_USAGE"


async def test_values_carry_node_source_and_age():
    queries = FakeQueries(family(NODES, [({"node": "a"}, 500.0)], taken=990.0))
    reading = await read_power(queries, [ClimatikDialect()], frozenset({NODES}), 1000.0)
    table = reading.table
    row = (table.scope[0], table.node[0], table.source[0], table.watts[0], table.age_seconds[0])
    assert row == ("node", "a", "climatik", 500.0, 10.0)


async def test_blank_negative_and_absent_numbers_are_dropped_and_counted():
    rows = [
        ({"UUID": f"GPU-{i}"}, value)
        for i, value in enumerate([250.0, 9.2e18, -1.0, float("nan"), float("inf")])
    ]
    queries = FakeQueries(family(BOARDS, rows, taken=1000.0))
    reading = await read_power(queries, [DcgmDialect()], frozenset({BOARDS}), 1000.0)
    assert reading.table.watts.tolist() == [250.0]
    assert reading.impossible == (("dcgm", 4),)


async def test_warnings_of_all_answers_are_kept_once():
    queries = FakeQueries(family(NODES, [({"node": "a"}, 1.0)], taken=1.0), notes=("partial",))
    reading = await read_power(queries, [ClimatikDialect()], frozenset({NODES}), 1.0)
    assert reading.notes == ("partial",)


async def test_each_family_is_asked_for_once_whatever_the_number_of_nodes():
    rows = [({"node": f"n{i}"}, 1.0) for i in range(500)]
    queries = FakeQueries(family(NODES, rows, taken=1.0))
    await read_power(queries, [ClimatikDialect()], frozenset({NODES}), 1.0)
    assert sorted(queries.asked) == [NODES, f"timestamp({NODES})"]


async def test_a_value_of_unknown_time_is_infinitely_old():
    queries = FakeQueries({NODES: [({"node": "a"}, 1.0)]})
    reading = await read_power(queries, [ClimatikDialect()], frozenset({NODES}), 1.0)
    assert np.isinf(reading.table.age_seconds).all()


async def test_detection_asks_once_for_all_dialects():
    queries = FakeQueries({})
    await series_present(queries, DIALECTS)
    (asked,) = queries.asked
    assert asked.startswith("count by (__name__)")
    assert all(name in asked for name in ("climatik_node_watts", BOARDS, "kepler_node_cpu_watts"))


def test_dialects_are_found_by_any_of_their_series():
    found = spoken(frozenset({"kepler_pod_cpu_watts", BOARDS}), DIALECTS)
    assert [dialect.name for dialect in found] == ["dcgm", "kepler"]
