"""Writes what the actuator would, to one node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from common.api.core import NODES
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import rfc3339_micro
from common.kube import Client

HIGH_WATTS, BASE_WATTS = 8000, 4300


class Grants:
    """Writes what the actuator would: the node's grant, and the heartbeat of its domain."""

    def __init__(self, client: Client, node: str, domain: str) -> None:
        self._client = client
        self._node, self._domain = node, domain
        self._sequence = 0

    async def create(self, boot_id: str) -> None:
        """Creates Node, domain and the node's object."""
        info = {"status": {"nodeInfo": {"bootID": boot_id}}}
        await self._client.create(NODES, {"metadata": {"name": self._node, "labels": {"guard": self._node}}})
        await self._client.patch(NODES, self._node, info, subresource="status")
        spec = {
            "capWatts": 20_000,
            "minimumCapWatts": BASE_WATTS,
            "nodeSelector": {"matchLabels": {"guard": self._node}},
            "updatePolicy": {"updateMode": "Auto"},
        }
        await self._client.create(POWER_DOMAINS, _body(POWER_DOMAINS, self._domain, spec))
        word = {
            "leaderEpoch": 1,
            "heartbeatTime": rfc3339_micro(datetime.now(UTC)),
            "effectiveCapWatts": 20_000,
            "grantedCapWatts": 20_000,
            "baseWatts": BASE_WATTS,
            "reservedWatts": 20_000,
        }
        status = {"status": {"enforcement": word}}
        await self._client.patch(POWER_DOMAINS, self._domain, status, subresource="status")
        await self._client.create(
            NODE_FREQUENCIES, _body(NODE_FREQUENCIES, self._node, {"nodeName": self._node})
        )

    async def write(self, watts: int) -> None:
        """Writes a grant."""
        self._sequence += 1
        budget = {
            "sequence": self._sequence,
            "leaderEpoch": 1,
            "domain": self._domain,
            "baseWatts": BASE_WATTS,
            "grantWatts": watts,
            "reservedWatts": 20_000,
            "leaseDurationSeconds": 3600,
        }
        await self._client.patch(NODE_FREQUENCIES, self._node, {"spec": {"powerBudget": budget}})


def _body(resource: Any, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name},
        "spec": spec,
    }
