"""Caps of nested domains are divided over nodes; sums hold at every level, and reasons are told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domains.tree import build_tree
from recommender.logic.division import NodeNeed, divide_domains
from recommender.logic.plans import make_plans
from tests.unit.recommender.builders import NOW, domain, frequencies
from tests.unit.recommender.scene import Scene


def need(node, leaf, *, floor=500, ceiling=3000, ask=1500, current=0, priority=0):
    return NodeNeed(
        node=node, domain=leaf, floor_watts=floor, ceiling_watts=ceiling, draw_watts=ask, ask_watts=ask,
        current_watts=current, extra_by_priority={priority: ask - floor}, vouched=True,
    )  # fmt: skip


def tree_of(cluster_cap, **racks):
    """A cluster of racks; each rack is (cap, nodes)."""
    domains = [domain("cluster", cap_watts=cluster_cap)]
    labels = {}
    for name, (cap, nodes) in racks.items():
        domains.append(domain(name, parent="cluster", selector={"rack": name}, cap_watts=cap))
        labels |= {node: {"rack": name} for node in nodes}
    return build_tree(domains, labels)


def entries_of(tree, needs):
    division = divide_domains(tree, needs, NOW)
    by_node = {one.node: one for one in needs}
    return {name: status.entries for name, _, status in make_plans(tree, division, by_node)}


@given(
    caps=st.tuples(st.integers(0, 12_000), st.integers(0, 8_000), st.integers(0, 8_000)),
    asks=st.lists(st.integers(500, 3000), min_size=6, max_size=6),
    current=st.lists(st.integers(0, 3000), min_size=6, max_size=6),
)
@settings(max_examples=80)
def test_children_never_sum_to_more_than_the_cap(caps, asks, current):
    tree = tree_of(caps[0], r1=(caps[1], ["a", "b", "c"]), r2=(caps[2], ["d", "e", "f"]))
    needs = [
        need(node, "r1" if node in "abc" else "r2", ask=ask, current=now)
        for node, ask, now in zip("abcdef", asks, current, strict=True)
    ]
    plans = entries_of(tree, needs)
    for name, cap in zip(("cluster", "r1", "r2"), caps, strict=True):
        assert sum(entry.watts for entry in plans[name]) <= cap
    racks = {entry.name: entry.watts for entry in plans["cluster"]}
    assert racks == {name: sum(entry.watts for entry in plans[name]) for name in ("r1", "r2")}


def test_the_reason_names_ask_floor_share_and_the_tightest_domain():
    tree = tree_of(10_000, r1=(2600, ["a", "b"]))
    plans = entries_of(tree, [need("a", "r1", ask=2310, floor=1100), need("b", "r1", ask=2000, floor=1100)])
    assert plans["r1"][0].reason == "asks 2,310 W, floor 1,100 W; gets 1,300 W: r1 is the tightest"


def test_higher_priority_gets_what_it_asks_first():
    tree = tree_of(2500, r1=(None, ["a", "b"]))
    plans = entries_of(tree, [need("a", "r1", priority=10), need("b", "r1")])
    assert {entry.name: entry.watts for entry in plans["r1"]} == {"a": 1500, "b": 1000}


def test_floors_over_the_cap_are_told():
    tree = tree_of(900, r1=(None, ["a", "b"]))
    plans = entries_of(tree, [need("a", "r1"), need("b", "r1")])
    assert sum(entry.watts for entry in plans["r1"]) == 900
    assert "floors under cluster are more than its cap" in plans["r1"][0].reason


def test_without_any_cap_there_is_no_plan():
    tree = tree_of(None, r1=(None, ["a"]))
    assert entries_of(tree, [need("a", "r1")]) == {}


def test_more_than_256_nodes_are_planned_for_in_shards():
    nodes = [f"n{i:03}" for i in range(300)]
    tree = tree_of(None, r1=(1_000_000, nodes))
    plans = entries_of(tree, [need(node, "r1") for node in nodes])
    assert {name: len(entries) for name, entries in plans.items()} == {"r1": 256, "r1-1": 44}


def test_a_node_without_an_agent_counts_in_full_and_is_told():
    scene = Scene(domains=(domain("room", selector={}, cap_watts=2000),))
    scene.objects = type(scene.objects)(
        **vars(scene.objects) | {"frequencies": (frequencies("n1"), frequencies("n2", version=99))}
    )
    scene.measure()
    ((_, _, status),) = scene.cycle().engine.plans
    entries = {entry.name: entry for entry in status.entries}
    assert entries["n2"].watts == 1100
    assert "no agent answers for it: counted in full" in entries["n2"].reason
    assert entries["n1"].watts == 900


@pytest.mark.parametrize("broken", ["no-such-parent", "self"])
def test_one_broken_domain_does_not_stop_the_rest(broken):
    parent = "lost" if broken == "self" else broken
    good, lost = domain("good", selector={}, cap_watts=2000), domain("lost", parent=parent, cap_watts=5)
    scene = Scene(domains=(good, lost))
    scene.measure()
    scene.cycle()
    assert [name for name, _, _ in scene.engine.plans] == ["good"]
    (condition,) = scene.engine.report(lost).conditions
    assert condition.status == "False"
    assert "spec.parent" in condition.message
    assert scene.engine.report(good).observed.power_watts == 1800


def test_caps_are_divided_although_nothing_can_be_learned(monkeypatch):
    scene = Scene(domains=(domain("room", selector={}, cap_watts=1800),))
    scene.measure()

    def fail(*_):
        raise ValueError("a reading that no model understands")

    monkeypatch.setattr(scene.engine.learner, "learn", fail)
    ((_, _, status),) = scene.cycle().engine.plans
    assert sum(entry.watts for entry in status.entries) <= 1800
    labels = {"kind": "cycle", "reason": "ValueError"}
    assert scene.metrics.registry.get_sample_value("climatik_recommender_failures_total", labels) == 1
