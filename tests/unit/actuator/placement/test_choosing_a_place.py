"""Where a pod may move: nodes that take it, with room, watts, headroom and cool air; else why not."""

from __future__ import annotations

from typing import Any

import pytest

from actuator.gate.refusal import Refusal
from actuator.placement.choose import Site, choose_place
from actuator.placement.movable import bound_to_its_node
from common.api.core import Taint
from common.api.placement import PlacedPod
from common.domains.tree import build_tree

from .builders import domain, node, pod

HOT = Taint(key="climatik.io/hot", value="inlet", effect="PreferNoSchedule")


def site(nodes: list[Any], pods: list[PlacedPod], domains: list[Any] = ()) -> Site:  # type: ignore[assignment]
    tree = build_tree(domains, {one.name: one.metadata.labels for one in nodes})
    return Site(
        {one.name: one for one in nodes},
        {one.name: one for one in domains},
        tree,
        lambda name: [one for one in pods if one.spec.node_name == name],
        lambda _namespace: pods,
    )


def required(operator: str, *values: str, key: str = "zone") -> dict[str, Any]:
    term = {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


SPREAD = {"maxSkew": 1, "topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}}

CASES = {
    "a free node": (pod(), [node("b")], "b"),
    "too few watts": (pod(watts=1200), [node("b")], "1 short of climatik.io/watts"),
    "cordoned": (pod(), [node("b", taints=(Taint(key="x", effect="NoSchedule"),))], "1 tainted"),
    "tolerated": (
        pod(tolerations=[{"key": "x", "operator": "Exists"}]),
        [node("b", taints=(Taint(key="x", effect="NoSchedule"),))],
        "b",
    ),
    "another value is not tolerated": (
        pod(tolerations=[{"key": "x", "value": "1"}]),
        [node("b", taints=(Taint(key="x", value="2", effect="NoExecute"),))],
        "1 tainted",
    ),
    "nodeSelector": (pod(nodeSelector={"gpu": "h100"}), [node("b"), node("c", gpu="h100")], "c"),
    "affinity In": (pod(affinity=required("In", "z2")), [node("b", zone="z1"), node("c", zone="z2")], "c"),
    "affinity NotIn": (pod(affinity=required("NotIn", "z1")), [node("b", zone="z1")], "1 excluded by"),
    "affinity Gt": (pod(affinity=required("Gt", "5")), [node("b", zone="5"), node("c", zone="6")], "c"),
    "affinity Exists": (pod(affinity=required("Exists")), [node("b")], "excluded by node affinity"),
    "a hot node only if there is no other": (pod(), [node("b", taints=(HOT,)), node("c")], "c"),
    "a hot node rather than none": (pod(), [node("b", taints=(HOT,))], "b"),
    "the tightest fit": (pod(), [node("b"), node("c", watts=500)], "c"),
}  # fmt: skip


@pytest.mark.parametrize(("moving", "others", "expected"), CASES.values(), ids=CASES)
def test_by_node(moving: PlacedPod, others: list[Any], expected: str) -> None:
    found = choose_place(site([node("a", zone="z1"), *others], [moving]), moving, 400, ["a"])
    assert expected == found if isinstance(found, str) else expected in found.message


def test_topology_spread_counts_without_the_moving_pod() -> None:
    nodes = [node("a", zone="z1"), node("b", zone="z2"), node("c", zone="z1")]
    moving = pod("p", "a", topologySpreadConstraints=[SPREAD])
    there = pod("q", "b")
    found = choose_place(site(nodes, [moving, there]), moving, 400, ["a"])
    assert found == "c"


DOMAINS = {
    "cool and roomy": (domain("b"), "b"),
    "without headroom": (domain("b", headroom=399), "without headroom"),
    "at its inlet limit": (domain("b", inlet=30, max_inlet_temperature=30), "warm"),
}


@pytest.mark.parametrize(("there", "expected"), DOMAINS.values(), ids=DOMAINS)
def test_by_domain(there: Any, expected: str) -> None:
    found = choose_place(
        site([node("a"), node("b")], [pod()], [domain("a", headroom=-100), there]), pod(), 400, ["a"]
    )
    assert expected == found if isinstance(found, str) else expected in found.message


def test_places_given_away_in_a_round_count() -> None:
    nodes, pods = [node("a", watts=2000), node("b", watts=2000)], [pod(name) for name in "pqr"]
    here = site(nodes, pods, [domain("a"), domain("b", headroom=900)])
    found = [choose_place(here, one, 400, ["a"]) for one in pods]
    assert found[:2] == ["b", "b"]
    assert isinstance(found[2], Refusal)


def test_never_among_the_nodes_that_are_to_be_relieved() -> None:
    found = choose_place(site([node("a"), node("b")], []), pod(), 400, ["a", "b"])
    assert isinstance(found, Refusal)
    assert found.reason == "NoPlace"


BOUND = {
    "emptyDir": ({"volumes": [{"name": "v", "emptyDir": {}}]}, "LocalStorage"),
    "hostPath": ({"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]}, "LocalStorage"),
    "claim": ({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]}, "BoundVolume"),
    "devices by claim": ({"resourceClaims": [{"name": "gpu"}]}, "ResourceClaims"),
    "host network": ({"hostNetwork": True}, "HostNetwork"),
    "configuration only": ({"volumes": [{"name": "v", "configMap": {"name": "c"}}]}, None),
}


@pytest.mark.parametrize(("spec", "reason"), BOUND.values(), ids=BOUND)
def test_what_would_be_lost(spec: dict[str, Any], reason: str | None) -> None:
    refusal = bound_to_its_node(pod(**spec))
    assert (refusal.reason if refusal else None) == reason
