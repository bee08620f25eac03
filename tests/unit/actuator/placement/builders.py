"""Nodes, domains and pods for the tests of placement."""

from __future__ import annotations

from typing import Any

import msgspec

from common.api.core import Container, Node, NodeSpec, NodeStatus, PodStatus, ResourceRequirements, Taint
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Observed, PowerDomain
from common.api.meta import ObjectMeta, OwnerReference
from common.api.placement import PlacedPod, PlacedSpec
from common.api.selector import LabelSelector

OWNER = OwnerReference(kind="ReplicaSet", name="web-abc", uid="owner", controller=True)


def node(name: str, *, watts: int = 1000, taints: tuple[Taint, ...] = (), **labels: str) -> Node:
    amounts = {"cpu": "8", "pods": "10", "climatik.io/watts": str(watts)}
    return Node(
        metadata=ObjectMeta(name=name, labels={"kubernetes.io/hostname": name, "rack": name, **labels}),
        spec=NodeSpec(taints=list(taints)),
        status=NodeStatus(capacity=amounts, allocatable=amounts),
    )


def pod(name: str = "p", on: str = "a", watts: int = 400, **spec: Any) -> PlacedPod:
    resources = ResourceRequirements(requests={"cpu": "500m", "climatik.io/watts": str(watts)})
    fields = {"nodeName": on, **spec}
    placed = msgspec.convert(fields, PlacedSpec)
    return PlacedPod(
        metadata=ObjectMeta(
            name=name, namespace="ns", uid=f"uid-{name}", owner_references=[OWNER], labels={"app": "web"},
            creation_timestamp="2026-01-01T12:00:01Z",
        ),
        spec=msgspec.structs.replace(placed, containers=[Container(name="c", resources=resources)]),
        status=PodStatus(phase="Running"),
    )  # fmt: skip


def domain(
    name: str,
    *,
    mode: str = "Auto",
    power: int = 500,
    headroom: int = 500,
    inlet: int | None = None,
    **spec: Any,
) -> PowerDomain:
    seen = {"hottest_inlet": inlet} if inlet is not None else {}
    observed = Observed(
        power_watts=power, headroom_watts=headroom, last_updated="2026-01-01T12:00:00Z", **seen
    )
    selector = LabelSelector(match_labels={"rack": name})
    return PowerDomain(
        metadata=ObjectMeta(name=name, uid=f"uid-{name}"),
        spec=DomainSpec(node_selector=selector, update_policy=DomainUpdatePolicy(update_mode=mode), **spec),
        status=DomainStatus(observed=observed),
    )
