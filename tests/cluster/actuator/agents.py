"""Agents of bare Node objects: they obey at once and confirm, and can be told to be silent."""

from __future__ import annotations

import asyncio

from common.api.core import NODES
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.names import MANAGER_NODEAGENT
from common.kube.client import Client
from common.kube.errors import KubeError

NAMEPLATE = 2000
MINIMUM = 200


class Agents:
    """Confirms for every node in ``names`` until cancelled; notes the largest sum of limits that it saw."""

    def __init__(self, client: Client, names: list[str]) -> None:
        self.client = client
        self.names = names
        self.silent: set[str] = set()
        self.limits = dict.fromkeys(names, NAMEPLATE)
        self.sums: list[int] = []
        self.uids: dict[str, str] = {}

    async def run(self) -> None:
        for node in (await self.client.list(NODES)).items:
            self.uids[node.name] = node.metadata.uid
        while True:
            for item in (await self.client.list(NODE_FREQUENCIES)).items:
                if item.name in self.names and item.name not in self.silent:
                    await self._obey(item)
            self.sums.append(sum(self.limits.values()))
            await asyncio.sleep(0.05)

    async def _obey(self, item: NodeFrequencies) -> None:
        budget, seen = item.spec.power_budget, item.status.observed_generation
        confirmed = item.status.power_budget.sequence if item.status.power_budget else -1
        if seen == item.metadata.generation and (budget is None or confirmed == budget.sequence):
            return
        status: dict[str, object] = {"observedGeneration": item.metadata.generation, "protocolVersion": 1}
        if budget is not None:
            watts = NAMEPLATE if budget.release else budget.grant_watts
            self.limits[item.name] = min(watts, NAMEPLATE)
            status["powerBudget"] = {
                "uid": item.metadata.uid,
                "sequence": budget.sequence,
                "nodeUID": self.uids[item.name],
                "bootID": "boot-1",
                "enforcedBudgetWatts": self.limits[item.name],
                "nameplateWatts": NAMEPLATE,
                "minimumBudgetWatts": MINIMUM,
            }
        body = {"metadata": {"name": item.name, "uid": item.metadata.uid}, "status": status}
        try:
            await self.client.apply(
                NODE_FREQUENCIES, body, field_manager=MANAGER_NODEAGENT, subresource="status"
            )
        except KubeError:
            return
