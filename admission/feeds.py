"""The watches that keep what the webhook knows current."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from admission.nameplates import Nameplates
from admission.namespaces import PausedNamespaces
from admission.nodes import NodeIndex
from admission.racks import RackIndex
from admission.reviewer import Knowledge
from admission.validation.validator import Surroundings
from common.api.core import NAMESPACES, NODES
from common.api.domain import POWER_DOMAINS
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.informer import Informer
from common.service.health import Check
from common.webhook.matching import PolicyIndex

_NAMESPACE = "namespace"


class Feeds:
    """Informers on policies, nodes, namespaces and domains, and the knowledge that they feed.

    Attributes:
        knowledge: For the reviewer; complete once every feed has been seen in full.
        surroundings: For the validator; the same.
    """

    def __init__(self, client: Client, nameplates: Nameplates, racks: RackIndex) -> None:
        index, offers, paused = PolicyIndex(), NodeIndex(), PausedNamespaces()
        policies = Informer(client, POLICIES, indexers={_NAMESPACE: lambda policy: [policy.namespace]})
        nodes = Informer(client, NODES)
        namespaces, domains = Informer(client, NAMESPACES), Informer(client, POWER_DOMAINS)
        policies.on_change(index.change)
        nodes.on_change(offers.change)
        namespaces.on_change(paused.change)
        domains.on_change(racks.change)
        self._informers: tuple[Informer[Any], ...] = (policies, nodes, namespaces, domains)
        self.knowledge = Knowledge(index, offers, paused, nameplates, self.synced, racks.racks)
        self.surroundings = Surroundings(
            policies=policies.items,
            policies_of=lambda namespace: policies.by_index(_NAMESPACE, namespace),
            domains=domains.items,
            node_labels=lambda: {node.name: node.metadata.labels for node in nodes.items()},
            synced=self.synced,
        )

    def synced(self) -> bool:
        """Whether every collection has been seen in full."""
        return all(informer.synced for informer in self._informers)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Runs the watches in a task group."""
        for informer in self._informers:
            group.create_task(informer.run(), name=f"watch {informer.resource.plural}")

    def checks(self) -> Iterator[tuple[str, Check]]:
        """Yields a readiness check for each collection, with its name."""
        for informer in self._informers:
            yield informer.resource.plural, _check(informer)


def _check(informer: Informer[Any]) -> Check:
    return lambda: None if informer.synced else "not yet listed from the API server"
