"""Reads what the status shows from the API server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.policy import POLICIES, PowerCappingPolicy
from common.kube.client import Client


@dataclass(frozen=True)
class Snapshot:
    """The objects at one moment, by the API server's clock."""

    domains: list[PowerDomain]
    nodes: list[NodeFrequencies]
    policies: list[PowerCappingPolicy]
    now: datetime


async def read_snapshot(client: Client) -> Snapshot:
    """Reads all three kinds at once.

    Raises:
        KubeError: The API server refused, or could not be reached.
    """
    domains, nodes, policies = await asyncio.gather(
        client.list(POWER_DOMAINS), client.list(NODE_FREQUENCIES), client.list(POLICIES)
    )
    now = client.clock.now() + timedelta(seconds=client.server_clock_offset_seconds)
    return Snapshot(domains.items, nodes.items, policies.items, now)
