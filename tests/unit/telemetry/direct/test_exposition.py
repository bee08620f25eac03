"""The text format, against the reference parser."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from common.telemetry.direct.exposition import PageSample, parse_page

NAME = "climatik_node_watts"


@given(
    st.lists(
        st.tuples(st.text(max_size=12), st.text(max_size=6), st.floats(allow_nan=False)),
        max_size=5,
        unique_by=lambda row: row[:2],
    )
)
def test_any_labels_and_values_are_read_as_the_reference_parser_reads_them(rows):
    registry = CollectorRegistry()
    gauge = Gauge(NAME, "Help with { } and \\n", ["node", "zone"], registry=registry)
    Gauge("other_watts", "Not wanted.", registry=registry).set(1)
    for node, zone, value in rows:
        gauge.labels(node, zone).set(value)
    page = generate_latest(registry).decode()
    reference = {
        (frozenset(sample.labels.items()), sample.value)
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == NAME
    }
    assert {(frozenset(one.labels.items()), one.value) for one in parse_page(page, {NAME})} == reference


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("climatik_node_watts 5", PageSample(NAME, {}, 5.0)),
        ("climatik_node_watts{} 5", PageSample(NAME, {}, 5.0)),
        ('climatik_node_watts{node="a",} 5', PageSample(NAME, {"node": "a"}, 5.0)),
        ('climatik_node_watts{ node = "a" , b="c" } 5e2', PageSample(NAME, {"node": "a", "b": "c"}, 500.0)),
        ('climatik_node_watts{node="a"} 5 1700000000500', PageSample(NAME, {"node": "a"}, 5.0, 1700000000.5)),
        ('climatik_node_watts{node="a}\\"{"} 5', PageSample(NAME, {"node": 'a}"{'}, 5.0)),
        ('climatik_node_watts{node="a"} +Inf', PageSample(NAME, {"node": "a"}, math.inf)),
        ('climatik_node_watts{node="a"} 5 # {trace="x"} 1', PageSample(NAME, {"node": "a"}, 5.0)),
    ],
    ids=["bare", "empty", "comma", "spaces", "stamped", "escaped", "infinite", "exemplar"],
)  # fmt: skip
def test_a_line(line, expected):
    assert list(parse_page(line, {NAME})) == [expected]


@pytest.mark.parametrize(
    "line",
    ["climatik_node_watts", 'climatik_node_watts{node="a" 5', "climatik_node_watts{node=a} 5",
     "climatik_node_watts x",
     "climatik_node_watts_total 5", "# climatik_node_watts 5", ""],
    ids=["no-value", "open", "no-quotes", "no-number", "longer-name", "comment", "nothing"],
)  # fmt: skip
def test_what_cannot_be_read_or_is_not_wanted_is_passed_over(line):
    page = f"{line}\nclimatik_node_watts 7\n"
    assert [one.value for one in parse_page(page, {NAME})] == [7.0]


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(text):
    found = parse_page(f"climatik_node_watts{text}\nclimatik_node_watts{{{text}", {NAME})
    assert all(one.name == NAME for one in found)
