"""One look at the cluster: what the live table shows, read from the API server alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from common.api.core import EVENTS, PODS, Event, Pod
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.policy import POLICIES, PowerCappingPolicy
from common.kube import Client


@dataclass(frozen=True)
class Frame:
    """The objects behind one drawing of the table."""

    domains: list[PowerDomain]
    nodes: list[NodeFrequencies]
    policies: list[PowerCappingPolicy]
    pods: list[Pod]
    events: list[Event]

    def domain(self, name: str) -> PowerDomain | None:
        """Returns a domain by name, or None where it is not (or no longer) there."""
        return next((domain for domain in self.domains if domain.name == name), None)


async def look(client: Client, namespace: str) -> Frame:
    """Reads all that the table shows; pods and policies of one namespace, our events of all."""
    domains, nodes, policies, pods, events = await asyncio.gather(
        client.list(POWER_DOMAINS),
        client.list(NODE_FREQUENCIES),
        client.list(POLICIES, namespace),
        client.list(PODS, namespace),
        client.list(EVENTS),
    )
    ours = [event for event in events.items if event.reporting_component.startswith("climatik")]
    return Frame(
        domains=domains.items,
        nodes=sorted(nodes.items, key=lambda node: node.name),
        policies=policies.items,
        pods=pods.items,
        events=sorted(ours, key=lambda event: event.last_timestamp or ""),
    )


def confirmed(node: NodeFrequencies) -> bool:
    """Whether the node's agent confirmed the grant that stands in its object."""
    budget, status = node.spec.power_budget, node.status.power_budget
    return budget is not None and status is not None and status.sequence == budget.sequence


def all_confirmed(frame: Frame, nodes: int) -> bool:
    """Whether every node of the fleet holds a grant that its agent has confirmed."""
    return sum(confirmed(node) for node in frame.nodes) >= nodes
