"""The watches that facts are derived from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from admission.alerts.facts.approvals import approval_facts
from admission.alerts.facts.control import effect_facts, leader_facts, webhook_facts
from admission.alerts.facts.domains import domain_facts
from admission.alerts.facts.fact import Fact
from admission.alerts.facts.nodes import node_facts
from admission.alerts.facts.policies import policy_facts
from admission.alerts.metrics import AlertMetrics
from common.alerts.snooze import SNOOZES_NAME, Snooze, decode_snoozes
from common.api.core import LEASES, PartialObject
from common.api.decisions import RECORDS
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import KubeObject
from common.api.policy import POLICIES
from common.api.resource import Resource
from common.kube.client import Client
from common.kube.informer import Informer
from common.webhook.matching import PolicyIndex
from common.webhook.registration import (
    CONFIGURATION_NAME,
    CONFIGURATIONS,
    WebhookConfiguration,
    skipped_namespaces,
)

log = logging.getLogger(__name__)

_ACTUATOR_LEASE = "climatik-actuator"
_POD_METADATA = Resource(kind="Pod", plural="pods", type=PartialObject, namespaced=True)


class AlertFeeds:
    """Informers on everything that alerts are about.

    Attributes:
        probe_problem: What the last call of the webhook came to; empty where it was answered.
    """

    def __init__(self, client: Client, namespace: str, metrics: AlertMetrics) -> None:
        self._policies = Informer(client, POLICIES)
        self._domains = Informer(client, POWER_DOMAINS)
        self._nodes = Informer(client, NODE_FREQUENCIES)
        self._pods = Informer(client, _POD_METADATA)
        self._lease = Informer(
            client, LEASES, namespace=namespace, field_selector=f"metadata.name={_ACTUATOR_LEASE}"
        )
        self._webhook = Informer(client, CONFIGURATIONS, field_selector=f"metadata.name={CONFIGURATION_NAME}")
        self._snoozes = Informer(
            client, RECORDS, namespace=namespace, field_selector=f"metadata.name={SNOOZES_NAME}"
        )
        self._index = PolicyIndex()
        self._policies.on_change(self._index.change)
        self._namespace = namespace
        self._metrics = metrics
        self.probe_problem = ""

    @property
    def informers(self) -> tuple[Informer[Any], ...]:
        """All of them, to be run."""
        return *self._about, self._snoozes

    @property
    def _about(self) -> tuple[Informer[Any], ...]:
        """Those that facts come from; without the others less is held back, and nothing is missed."""
        return self._policies, self._domains, self._nodes, self._pods, self._lease, self._webhook

    def synced(self) -> bool:
        """Whether every collection has been seen in full: before that, what is missing means nothing."""
        return all(informer.synced for informer in self._about)

    async def wait_synced(self) -> None:
        """Waits until every collection has been seen in full."""
        await asyncio.gather(*(informer.wait_synced() for informer in self._about))

    def configuration(self) -> WebhookConfiguration | None:
        """Returns the webhook's registration."""
        return self._webhook.get(CONFIGURATION_NAME)

    def snoozes(self) -> dict[str, Snooze]:
        """Returns what people asked not to hear of, by key."""
        found = self._snoozes.get(SNOOZES_NAME, self._namespace)
        return decode_snoozes(found.data) if found is not None else {}

    def facts(self, now: datetime) -> list[Fact]:
        """Returns all that holds now; an object that breaks its derivation costs its own facts alone."""
        return [
            *facts_of(self._policies.items(), policy_facts, self._failed),
            *facts_of(self._policies.items(), lambda policy: approval_facts(policy, now), self._failed),
            *facts_of(self._domains.items(), lambda domain: domain_facts(domain, now), self._failed),
            *facts_of(self._nodes.items(), node_facts, self._failed),
            *leader_facts(self._lease.get(_ACTUATOR_LEASE, self._namespace), now),
            *webhook_facts(self.configuration() is not None, self.probe_problem),
            *effect_facts(self._pods.items(), self._index, skipped_namespaces(self.configuration()), now),
        ]

    def _failed(self, item: KubeObject) -> None:
        self._metrics.errors.labels(type(item).__name__).inc()


def facts_of(
    items: Iterable[KubeObject],
    derive: Callable[[Any], Iterator[Fact]],
    on_error: Callable[[KubeObject], None],
) -> Iterator[Fact]:
    """Yields the facts of all items; one that breaks its derivation costs its own facts alone."""
    for item in items:
        try:
            yield from list(derive(item))
        except Exception:
            on_error(item)
            log.exception("facts could not be derived", extra={"object": item.key})
