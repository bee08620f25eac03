"""Caches of every kind that the recommender reads."""

from __future__ import annotations

import asyncio

from common.api.core import NODES, PODS
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.plan import POWER_PLANS
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.informer import Informer
from recommender.model.world import Objects

_ENDED = "status.phase!=Succeeded,status.phase!=Failed"
"""Pods that have ended draw nothing: they need not even be sent."""


class Cluster:
    """Informers for policies, domains, plans, settings, nodes and pods."""

    def __init__(self, client: Client) -> None:
        self.policies = Informer(client, POLICIES)
        self.domains = Informer(client, POWER_DOMAINS)
        self.plans = Informer(client, POWER_PLANS)
        self.frequencies = Informer(client, NODE_FREQUENCIES)
        self.nodes = Informer(client, NODES)
        self.pods = Informer(client, PODS, field_selector=_ENDED)

    async def run(self) -> None:
        """Follows all kinds until cancelled."""
        async with asyncio.TaskGroup() as group:
            for informer in self._all():
                group.create_task(informer.run())

    async def wait_synced(self) -> None:
        """Waits for the first full picture of every kind."""
        for informer in self._all():
            await informer.wait_synced()

    def unsynced(self) -> str | None:
        """Names the kinds of which no full picture has arrived; None when all have."""
        missing = [informer.resource.plural for informer in self._all() if not informer.synced]
        return f"waiting for the first list of {', '.join(missing)}" if missing else None

    def objects(self) -> Objects:
        """Returns what the caches hold now."""
        return Objects(
            policies=tuple(self.policies.items()),
            domains=tuple(self.domains.items()),
            pods=tuple(self.pods.items()),
            nodes=tuple(self.nodes.items()),
            frequencies=tuple(self.frequencies.items()),
            plans=tuple(self.plans.items()),
        )

    def _all(self) -> tuple[Informer, ...]:  # type: ignore[type-arg]
        return (self.policies, self.domains, self.plans, self.frequencies, self.nodes, self.pods)
