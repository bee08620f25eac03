"""A running actuator, three nodes with agents, and what cleans up after them."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import pytest

from actuator.config import ActuatorSettings
from common.api.core import NODES
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.plan import POWER_PLANS
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.errors import AlreadyExists, NotFound
from common.service.app import Service
from deploy.local.cluster import LocalCluster
from tests.cluster.in_process import running_actuator, until, working

from .agents import Agents


@dataclass
class Scene:
    """What a test works with."""

    cluster: LocalCluster
    client: Client
    tag: str
    nodes: list[str]
    agents: Agents
    settings: ActuatorSettings

    async def until(self, check: Callable[[], Awaitable[bool]], what: str, seconds: float = 30.0) -> None:
        """Waits for a coroutine function to return something true."""
        await until(check, what, seconds, self._budgets)

    async def _budgets(self) -> object:
        return [(i.name, i.spec.power_budget, i.status.power_budget) for i in await self.objects()]

    async def objects(self) -> list[NodeFrequencies]:
        return [i for i in (await self.client.list(NODE_FREQUENCIES)).items if i.name in self.nodes]

    async def grants(self) -> list[int]:
        budgets = {i.name: i.spec.power_budget for i in await self.objects()}
        return [b.grant_watts if (b := budgets.get(name)) else -1 for name in self.nodes]

    async def make_domain(self, **spec: object) -> None:
        full = {"nodeSelector": {"matchLabels": {"room": self.tag}}, **spec}
        await self.client.create(POWER_DOMAINS, {"metadata": {"name": self.tag}, "spec": full})

    async def patch_domain(self, **spec: object) -> None:
        await self.client.patch(POWER_DOMAINS, self.tag, {"spec": spec})

    async def plan(self, watts: list[int]) -> None:
        entries = [{"kind": "Node", "name": n, "watts": w} for n, w in zip(self.nodes, watts, strict=True)]
        with contextlib.suppress(AlreadyExists):
            await self.client.create(
                POWER_PLANS, {"metadata": {"name": self.tag}, "spec": {"domain": self.tag}}
            )
        await self.client.patch(POWER_PLANS, self.tag, {"status": {"entries": entries}}, subresource="status")


def running(scene: Scene) -> AbstractAsyncContextManager[Service]:
    """An actuator in this process, stopped at the end."""
    return running_actuator(scene.settings)


@pytest.fixture
async def scene(cluster: LocalCluster) -> AsyncIterator[Scene]:
    tag = f"room-{uuid.uuid4().hex[:6]}"
    nodes = [f"{tag}-{number}" for number in range(3)]
    settings = ActuatorSettings(
        kubeconfig=str(cluster.kubeconfig_for("climatik-actuator")), listen_address="", tick_seconds=0.3
    )
    async with Client(load_config(str(cluster.kubeconfig))) as client:
        for name in nodes:
            labels = {"room": tag, "climatik.io/nameplate-watts": "2000"}
            await client.create(NODES, {"metadata": {"name": name, "labels": labels}})
            info = {"bootID": "boot-1", "machineID": name}
            for field in ("architecture", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion"):
                info[field] = "test"
            info |= {
                "kubeletVersion": "v1.36.3",
                "operatingSystem": "linux",
                "osImage": "test",
                "systemUUID": name,
            }
            await client.patch(NODES, name, {"status": {"nodeInfo": info}}, subresource="status")
        agents = Agents(client, nodes)
        try:
            async with working(agents.run()):
                yield Scene(cluster, client, tag, nodes, agents, settings)
        finally:
            await _clean_up(client, tag, nodes)


async def _clean_up(client: Client, tag: str, nodes: list[str]) -> None:
    for resource, names in (
        (POWER_PLANS, [tag]),
        (POWER_DOMAINS, [tag]),
        (NODE_FREQUENCIES, nodes),
        (NODES, nodes),
    ):
        for name in names:
            with contextlib.suppress(NotFound):
                if resource is not NODES:
                    await client.patch(resource, name, {"metadata": {"finalizers": None}})  # type: ignore[arg-type]
                await client.delete(resource, name)  # type: ignore[arg-type]
