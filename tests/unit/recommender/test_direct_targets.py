"""Which pages are read where there is no Prometheus."""

import msgspec
import pytest

from common.api.core import Node, NodeAddress, NodeStatus
from common.api.meta import ObjectMeta
from common.api.names import ANNOTATION_METRICS_ADDRESS
from recommender.logic.targets import find_targets
from tests.unit.recommender.builders import frequencies


def node(name, internal="", annotation=None):
    annotations = {} if annotation is None else {ANNOTATION_METRICS_ADDRESS: annotation}
    addresses = [NodeAddress("Hostname", name), NodeAddress("InternalIP", internal)] if internal else []
    return Node(
        metadata=ObjectMeta(name=name, annotations=annotations), status=NodeStatus(addresses=addresses)
    )


def urls(*nodes, reported=(), exporters=()):
    return [
        page.url
        for page in find_targets(nodes, [frequencies(one) for one in reported], 9108, exporters).pages
    ]


@pytest.mark.parametrize(
    ("one", "url"),
    [
        (node("a", "10.0.0.1"), "http://10.0.0.1:9108/metrics"),
        (node("a", "fd00::1"), "http://[fd00::1]:9108/metrics"),
        (node("a", "10.0.0.1", "agents.example:8080"), "http://agents.example:8080/metrics"),
        (node("a", "", "[fd00::2]:8080"), "http://[fd00::2]:8080/metrics"),
    ],
    ids=["internal", "v6", "annotated", "annotated-v6"],
)
def test_the_address_of_an_agent(one, url):
    assert urls(one, reported=["a"]) == [url]


@pytest.mark.parametrize(
    "annotation", ["", "a", "http://a:1", "a:1/other", "a:1@evil:2", "user@a:1", "a:1?x", "a b:1", "a:123456"]
)
def test_an_annotation_that_is_no_host_and_port_leads_nowhere(annotation):
    found = find_targets([node("a", "", annotation)], [], 9108, ())
    assert (found.pages, found.unreachable) == ((), ("a",))


def test_agents_that_have_reported_or_are_annotated_are_expected_others_only_tried():
    nodes = [node("a", "10.0.0.1"), node("b", "10.0.0.2"), node("c", "", "x:1")]
    found = find_targets(nodes, [frequencies("a")], 9108, ())
    assert [page.expected for page in found.pages] == [True, False, True]


def test_a_node_without_address_is_named_only_where_its_agent_has_reported():
    silent = msgspec.structs.replace(frequencies("b"), status=type(frequencies("b").status)())
    found = find_targets([node("a"), node("b")], [frequencies("a"), silent], 9108, ())
    assert found.unreachable == ("a",)


def test_exporters_are_read_once_each_or_on_every_node():
    nodes = [node("a", "10.0.0.1"), node("b", "10.0.0.2")]
    found = urls(*nodes, exporters=["http://dcgm:9400/metrics", "http://{address}:9400/metrics"])
    assert found[2:] == [
        "http://dcgm:9400/metrics", "http://10.0.0.1:9400/metrics", "http://10.0.0.2:9400/metrics",
    ]  # fmt: skip
