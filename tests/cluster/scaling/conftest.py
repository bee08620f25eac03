"""A namespace with room for pods, a running actuator, real KEDA, and advice as the recommender writes it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from actuator.config import ActuatorSettings
from common.api.apps import DEPLOYMENTS
from common.api.core import EVENTS, NODES, PODS
from common.api.meta import rfc3339, to_builtins
from common.api.names import ANNOTATION_CEILING
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.resource import Resource
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.errors import NotFound
from common.service.app import Service
from deploy.local.cluster import LocalCluster
from deploy.local.keda import Keda
from tests.cluster.in_process import running_actuator, until

EACH_WATTS = 100
AUTO = {"updateMode": "Auto", "levers": ["Scale"], "minReplicas": 1}


@pytest.fixture(scope="session")
def keda(cluster: LocalCluster) -> Iterator[Keda]:
    with Keda(cluster) as running:
        yield running


@dataclass
class Place:
    """What a test works with."""

    client: Client
    namespace: str
    node: str
    settings: ActuatorSettings
    background: list[asyncio.Task[None]] = field(default_factory=list)

    async def until(self, check: Callable[[], Awaitable[object]], what: str, seconds: float = 60.0) -> None:
        """Waits for a coroutine function to return something true."""
        await until(check, what, seconds, self.reasons)

    async def policy(self, name: str = "cap", **spec: Any) -> None:
        full = {"powerCapLimit": 100_000, "updatePolicy": AUTO, **spec}
        await self.client.create(POLICIES, {"metadata": {"name": name}, "spec": full}, self.namespace)

    async def advise(
        self, cap_watts: int, ceilings: Mapping[str, int], policy: str = "cap", *, stale: bool = False
    ) -> None:
        """Writes the advice: a ceiling for each workload, each replica at 100 W, under one cap."""
        replicas = [
            {"workload": workload, "replicas": count, "wattsPerReplica": EACH_WATTS, "reason": "the test"}
            for workload, count in ceilings.items()
        ]
        advice = {"replicas": replicas, "replicaBudgetWatts": cap_watts}
        now, generation = datetime.now(UTC), (await self.the_policy(policy)).metadata.generation
        fresh = {
            "type": "TelemetryStale",
            "status": str(stale),
            "reason": "Asked",
            "message": "by the test",
            "lastTransitionTime": rfc3339(now),
        }
        status = {
            "recommendation": advice,
            "effectiveCapWatts": cap_watts,
            "lastUpdated": rfc3339(now),
            "observedGeneration": generation,
            "conditions": [fresh],
        }
        patch = {"status": status}
        await self.client.patch(POLICIES, policy, patch, self.namespace, subresource="status")

    async def deployment(self, name: str, replicas: int, **extra: Any) -> None:
        spec = {**workload_spec(name, self.node), "replicas": replicas, **extra}
        await self.client.create(DEPLOYMENTS, {"metadata": {"name": name}, "spec": spec}, self.namespace)

    async def spec(self, resource: Resource[Any], name: str) -> dict[str, Any]:
        item = await self.client.get(resource, name, self.namespace)
        return dict(to_builtins(item.spec))

    async def note(self, resource: Resource[Any], name: str) -> str | None:
        item = await self.client.get(resource, name, self.namespace)
        return item.metadata.annotations.get(ANNOTATION_CEILING)

    async def the_policy(self, name: str = "cap") -> PowerCappingPolicy:
        return await self.client.get(POLICIES, name, self.namespace)

    async def pods(self, app: str) -> int:
        found = await self.client.list(PODS, self.namespace, label_selector=f"app={app}")
        return len(found.items)

    async def reasons(self) -> list[str]:
        """Returns reason and text of every Event in the namespace that the actuator wrote."""
        found = await self.client.list(EVENTS, self.namespace)
        ours = [one for one in found.items if one.reporting_component == "climatik-actuator"]
        return [f"{one.reason}: {one.message}" for one in ours]


def workload_spec(name: str, node: str) -> dict[str, Any]:
    """Selector and template of a workload whose pods run on one simulated node."""
    container = {"name": "main", "image": "example.invalid/model"}
    pod = {"containers": [container], "nodeName": node, "terminationGracePeriodSeconds": 1}
    return {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
    }


def running(place: Place) -> AbstractAsyncContextManager[Service]:
    """An actuator in this process, stopped at the end."""
    return running_actuator(place.settings)


@pytest.fixture
async def place(cluster: LocalCluster, namespace: str) -> AsyncIterator[Place]:
    node = f"scaling-{uuid.uuid4().hex[:6]}"
    settings = ActuatorSettings(
        kubeconfig=str(cluster.kubeconfig_for("climatik-actuator")), listen_address="", tick_seconds=0.3
    )
    resources = {"cpu": "64", "memory": "512Gi", "pods": "110"}
    async with Client(load_config(str(cluster.kubeconfig))) as client:
        metadata = {"name": node, "annotations": {"kwok.x-k8s.io/node": "fake"}}
        status = {"capacity": resources, "allocatable": resources}
        await client.create(NODES, {"metadata": metadata, "status": status})
        made = Place(client, namespace, node, settings)
        try:
            yield made
        finally:
            for task in made.background:
                task.cancel()
            if made.background:
                await asyncio.wait(made.background)
            for policy in (await client.list(POLICIES, namespace)).items:
                with contextlib.suppress(NotFound):
                    await client.patch(POLICIES, policy.name, {"metadata": {"finalizers": None}}, namespace)
            await client.delete(NODES, node)
