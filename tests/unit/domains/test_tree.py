"""Which node is where, and what is said about a tree that is not one."""

from __future__ import annotations

import pytest

from common.api.domain import DomainSpec, PowerDomain
from common.api.meta import ObjectMeta
from common.api.selector import LabelSelector
from common.domains.last_valid import TreeKeeper
from common.domains.tree import build_tree


def domain(name: str, parent: str = "", select: dict[str, str] | None = None, **spec: object) -> PowerDomain:
    selector = None if select is None else LabelSelector(match_labels=select)
    full = DomainSpec(parent=parent, node_selector=selector, **{"cap_watts": 1000, **spec})
    return PowerDomain(metadata=ObjectMeta(name=name), spec=full)


NODES = {"n1": {"row": "a"}, "n2": {"row": "b"}, "n3": {}}


def test_a_node_belongs_to_the_deepest_domain_that_selects_it() -> None:
    tree = build_tree([domain("room", select={}), domain("row-a", "room", {"row": "a"})], NODES)
    assert tree.leaf_of("n1") == "row-a"
    assert tree.members == {"room": ("n2", "n3"), "row-a": ("n1",)}
    assert tree.nodes_of("room") == ["n1", "n2", "n3"]
    assert tree.chain("row-a") == ["row-a", "room"]
    assert tree.roots() == ["room"]
    assert tree.problems == {}


def test_without_a_selector_a_domain_has_no_nodes_of_its_own() -> None:
    assert build_tree([domain("room")], NODES).nodes_of("room") == []


BAD_TREES = {
    "unknown parent": ([domain("row", "nowhere")], {"row": "UnknownParent"}, []),
    "own parent": ([domain("row", "row")], {"row": "ParentCycle"}, []),
    "cycle": ([domain("a", "b"), domain("b", "a")], {"a": "ParentCycle", "b": "ParentCycle"}, []),
    "below a cycle": (
        [domain("a", "b"), domain("b", "a"), domain("c", "a"), domain("d")],
        {"a": "ParentCycle", "b": "ParentCycle", "c": "ParentBroken"},
        ["d"],
    ),
    "below a missing one": (
        [domain("a", "b"), domain("b", "c")],
        {"a": "ParentBroken", "b": "UnknownParent"},
        [],
    ),
    "two unrelated claims": (
        [domain("a", select={"row": "a"}), domain("b", select={})],
        {"a": "NodeInTwoDomains", "b": "NodeInTwoDomains"},
        ["a", "b"],
    ),
    "minimums over the parent's": (
        [domain("a", minimum_cap_watts=100), domain("b", "a", minimum_cap_watts=101)],
        {"a": "MinimumCapsExceedParent"},
        ["a", "b"],
    ),
    "no cap": ([domain("a", cap_watts=None)], {"a": "NoCap"}, ["a"]),
}


@pytest.mark.parametrize("name", BAD_TREES)
def test_a_problem_is_named_and_the_rest_goes_on(name: str) -> None:
    domains, reasons, sound = BAD_TREES[name]
    tree = build_tree(domains, NODES)
    assert {key: found[0].reason for key, found in tree.problems.items()} == reasons
    assert sorted(tree.domains) == sound


def test_a_contested_node_belongs_to_nobody_and_is_named() -> None:
    tree = build_tree([domain("a", select={"row": "a"}), domain("b", select={})], NODES)
    assert tree.contested == {"n1": ("a", "b")}
    assert tree.leaf_of("n1") is None
    assert "n1" in tree.problems["a"][0].message


def test_an_invalid_edit_keeps_the_last_valid_shape_but_the_present_cap() -> None:
    keeper = TreeKeeper()
    keeper.build([domain("room"), domain("row-a", "room", {"row": "a"})], NODES)
    edited = domain("row-a", "gone", {"row": "a"}, cap_watts=400)
    tree = keeper.build([domain("room"), edited], NODES)
    assert tree.chain("row-a") == ["row-a", "room"]
    assert tree.domains["row-a"].spec.cap_watts == 400
    assert tree.problems["row-a"][0].reason == "UnknownParent"
