"""What nodes offer to a pod, as nodes come, change and go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admission.nodes import NodeIndex, NodeOffer
from tests.unit.admission.pods_for_tests import node

H100 = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}


def test_offer_is_that_of_the_nodes_a_pod_may_go_to():
    index = NodeIndex()
    index.change(None, node("a", {**H100, "zone": "1"}, "5000"))
    index.change(None, node("b", {"zone": "2"}, "6000"))
    assert index.offer({}) == NodeOffer(6000, frozenset(H100.values()))
    assert index.offer({"zone": "1"}) == NodeOffer(5000, frozenset(H100.values()))
    assert index.offer({"zone": "3"}) == NodeOffer()


def test_offer_ends_with_the_node():
    index = NodeIndex()
    only = node("a", {}, "5000")
    index.change(None, only)
    assert index.offer({}).largest_watts == 5000
    index.change(only, None)
    assert index.offer({}) == NodeOffer()


def spec(**fields):
    return {"spec": fields}


def pinned_to(*names, key="metadata.name"):
    terms = [{"matchFields": [{"key": key, "operator": "In", "values": list(names)}]}]
    affinity = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return spec(affinity={"nodeAffinity": affinity})


PLACED = {
    "anywhere": (spec(), 6000),
    "by labels": (spec(nodeSelector={"zone": "1"}), 5000),
    "pinned as by a DaemonSet": (pinned_to("a"), 5000),
    "pinned to a node without watts": (pinned_to("plain"), 0),
    "pinned to a node that nobody knows": (pinned_to("gone"), 0),
    "one of two": (pinned_to("a", "plain"), 6000),
    "another field": (pinned_to("a", key="metadata.namespace"), 6000),
    "past the scheduler": (spec(nodeName="a"), 0),
    "malformed": (spec(affinity="x", nodeSelector=[]), 6000),
}


@pytest.mark.parametrize(("subject", "watts"), PLACED.values(), ids=PLACED.keys())
def test_offer_to_a_pod_placed(subject, watts):
    index = NodeIndex()
    for each in (
        node("a", {"zone": "1"}, "5000"),
        node("b", {"zone": "2"}, "6000"),
        node("plain", {"zone": "3"}),
    ):
        index.change(None, each)
    assert index.offer_to(subject).largest_watts == watts


NODES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.dictionaries(st.sampled_from(["zone", "nvidia.com/gpu.product"]), st.sampled_from(["1", "2"])),
        st.sampled_from(["", "0", "5", "7", "1k", "x"]),
    ),
    max_size=10,
)


@given(NODES, st.dictionaries(st.just("zone"), st.sampled_from(["1", "2"])))
def test_kept_answers_are_those_of_a_fresh_index(changes, selector):
    kept, live = NodeIndex(), {}
    for name, labels, watts in changes:
        new = node(name, labels, watts)
        kept.change(live.get(name), new)
        live[name] = new
        kept.offer(selector)
    fresh = NodeIndex()
    for each in live.values():
        fresh.change(None, each)
    assert kept.offer(selector) == fresh.offer(selector)
