"""What the ledger sees of a cluster."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from actuator.input.picture import Assumptions, Picture, ledger_view
from actuator.input.sources import has_reached
from common.api.core import Node, NodeInfo, NodeStatus
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Observed, PowerDomain
from common.api.frequencies import FrequenciesSpec, NodeFrequencies, PowerBudget
from common.api.meta import ObjectMeta
from common.api.plan import PlanEntry, PlanSpec, PlanStatus, PowerPlan
from common.api.selector import LabelSelector
from common.domains.tree import build_tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASSUMED = Assumptions(10_400, 1_200)
AUTO = DomainUpdatePolicy(update_mode="Auto")


def node(name: str, labels: dict[str, str] | None = None, gpus: str = "0") -> Node:
    status = NodeStatus(node_info=NodeInfo(boot_id="boot"), capacity={"nvidia.com/gpu": gpus})
    return Node(metadata=ObjectMeta(name=name, uid=f"uid-{name}", labels=labels or {}), status=status)


def domain(name: str, **spec: object) -> PowerDomain:
    annotations = spec.pop("annotations", {})
    deleted = spec.pop("deleted", "")
    meta = ObjectMeta(name=name, resource_version="9", annotations=annotations, deletion_timestamp=deleted)
    return PowerDomain(metadata=meta, spec=DomainSpec(**spec))


def picture(nodes: list[Node], domains: list[PowerDomain], *objects: NodeFrequencies, plans=()) -> Picture:
    staying = [d for d in domains if not d.metadata.deletion_timestamp]
    return Picture(
        nodes={n.name: n for n in nodes},
        objects={o.name: o for o in objects},
        domains={d.name: d for d in domains},
        plans=tuple(plans),
        policies=(),
        tree=build_tree(staying, {n.name: n.metadata.labels for n in nodes}),
    )


@pytest.mark.parametrize(
    ("labels", "gpus", "watts"),
    [
        ({}, "0", 1_200),
        ({}, "8", 10_400),
        ({"climatik.io/nameplate-watts": "7000"}, "8", 7_000),
        ({"climatik.io/nameplate-watts": "lots"}, "8", 10_400),
    ],
)
def test_a_nameplate_is_assumed_until_an_agent_says(labels: dict[str, str], gpus: str, watts: int) -> None:
    view = ledger_view(picture([node("n", labels, gpus)], []), ASSUMED, 1, NOW)
    assert view.nodes["n"].assumed_nameplate_watts == watts


CHAINS = {
    "own cap": ({"cap_watts": 500, "update_policy": AUTO}, True, 500),
    "the lower one above": ({"cap_watts": 5000, "update_policy": AUTO}, True, 1000),
    "none of its own": ({"update_policy": AUTO}, True, 1000),
    "only advises": ({"cap_watts": 500}, False, 1000),
    "being deleted": (
        {"cap_watts": 500, "update_policy": AUTO, "deleted": "2026-01-01T00:00:00Z"},
        False,
        500,
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_which_cap_a_domain_holds(name: str) -> None:
    spec, enforced, cap = CHAINS[name]
    room = domain("room", cap_watts=1000, update_policy=AUTO)
    view = ledger_view(picture([], [room, domain("row", parent="room", **spec)]), ASSUMED, 1, NOW)
    assert (view.domains["row"].enforced, view.domains["row"].cap_watts) == (enforced, cap)


def test_an_advising_row_below_an_enforcing_room_is_held_by_the_room() -> None:
    domains = [
        domain("room", cap_watts=1000, update_policy=AUTO),
        domain("row", parent="room", node_selector=LabelSelector()),
    ]
    view = ledger_view(picture([node("n")], domains), ASSUMED, 1, NOW)
    assert [level.name for level in view.levels(view.nodes["n"].domain)] == ["room"]


def test_a_node_in_a_broken_part_stays_where_its_budget_says() -> None:
    budget = PowerBudget(
        sequence=1, leader_epoch=1, domain="row", base_watts=1, grant_watts=1, reserved_watts=1,
        lease_duration_seconds=600,
    )  # fmt: skip
    own = NodeFrequencies(
        metadata=ObjectMeta(name="n"), spec=FrequenciesSpec(node_name="n", power_budget=budget)
    )
    row = domain("row", parent="gone", cap_watts=9, update_policy=AUTO, node_selector=LabelSelector())
    view = ledger_view(picture([node("n")], [row], own), ASSUMED, 1, NOW)
    assert view.nodes["n"].claims == ("row",)
    assert view.domains["row"].enforced


def test_only_the_plan_of_a_nodes_own_domain_counts() -> None:
    rows = [domain("row", node_selector=LabelSelector()), domain("room")]
    entries = [PlanEntry(kind="Node", name="n", watts=300)]
    plans = [
        PowerPlan(spec=PlanSpec(domain=name), status=PlanStatus(entries=entries)) for name in ("row", "room")
    ]
    assert picture([node("n")], rows, plans=plans[:1]).targets() == {"n": 300}
    assert picture([node("n")], rows, plans=plans[1:]).targets() == {}


def test_a_request_under_another_name_is_no_node() -> None:
    request = NodeFrequencies(metadata=ObjectMeta(name="wish"), spec=FrequenciesSpec(node_name="n"))
    assert set(ledger_view(picture([node("n")], [], request), ASSUMED, 1, NOW).nodes) == {"n"}


@pytest.mark.parametrize(
    ("copy", "listed", "reached"),
    [
        ({"a": 5}, {"a": 5}, True),
        ({"a": 6}, {"a": 5}, True),
        ({"a": 4}, {"a": 5}, False),
        ({}, {"a": 5}, False),
        ({"a": 5, "ghost": 3}, {"a": 5}, False),
        ({"a": 5, "newer": 11}, {"a": 5}, True),
    ],
)
def test_a_copy_has_caught_up_when_it_is_as_new_as_the_list(
    copy: dict[str, int], listed: dict[str, int], reached: bool
) -> None:
    assert has_reached(copy, listed, horizon=10) is reached


def test_an_object_that_does_not_decode_any_more_keeps_nobody_from_catching_up() -> None:
    assert has_reached({"a": 5, "broken": 3}, {"a": 5}, horizon=10, skipped=frozenset({"broken"}))
    assert not has_reached({"a": 4, "broken": 3}, {"a": 5}, horizon=10, skipped=frozenset({"broken"}))


RESTORED = {
    "never": ({}, 0),
    "a moment": ({"climatik.io/restored-at": "2026-01-01T00:00:00Z"}, 1_767_225_600_000_000),
    "a moment with an offset": (
        {"climatik.io/restored-at": "2026-01-01T01:00:00+01:00"},
        1_767_225_600_000_000,
    ),
    "no time": ({"climatik.io/restored-at": "yesterday"}, 0),
}


@pytest.mark.parametrize("name", RESTORED)
def test_a_word_that_the_store_was_restored_counts_for_every_node(name: str) -> None:
    annotations, floor = RESTORED[name]
    found = picture([node("n")], [domain("other"), domain("row", annotations=annotations)])
    assert ledger_view(found, ASSUMED, 1, NOW).nodes["n"].sequence_floor == floor


def test_a_word_that_is_no_time_is_a_problem_of_its_domain_alone() -> None:
    marked = domain("row", cap_watts=1, annotations={"climatik.io/restored-at": "yesterday"})
    found = picture([], [domain("other", cap_watts=1), marked])
    assert [problem.reason for problem in found.problems("row")] == ["BadRestoredAt"]
    assert found.problems("other") == []


def test_an_inlet_that_is_too_hot_lowers_the_cap_of_the_domain_and_of_those_below() -> None:
    hot = domain("row", cap_watts=1000, update_policy=AUTO, max_inlet_temperature=30)
    hot = replace(hot, status=DomainStatus(observed=Observed(hottest_inlet=33)))
    below = domain("rack", parent="row", cap_watts=900, update_policy=AUTO)
    view = ledger_view(picture([], [hot, below]), ASSUMED, 1, NOW)
    assert {name: found.cap_watts for name, found in view.domains.items()} == {"row": 700, "rack": 700}
