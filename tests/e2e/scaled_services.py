"""Three services that KEDA scales under one policy, and a watch over their pods, ceilings and advice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from common.api.apps import DEPLOYMENTS
from common.api.autoscaling import HPAS, SCALED_OBJECTS
from common.api.core import PODS, Pod
from common.api.meta import to_builtins
from common.api.names import ANNOTATION_CEILING
from common.api.policy import POLICIES, PowerCappingPolicy
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.errors import KubeError, NotFound
from common.kube.informer import Informer
from deploy.local.demo.objects import NAMESPACE
from deploy.local.stack import Stack

SERVICES = ("vllm-chat", "vllm-code", "training")
"""The first two serve the trace; the third, which it does not know, trains."""
REPLICAS = 4
POLICY = "serving"
TEAM = {"team": "serving"}
ALWAYS = {"timezone": "UTC", "start": "0 0 1 1 *", "end": "59 23 31 12 *", "desiredReplicas": str(REPLICAS)}
"""A cron trigger that is active all year long."""
_FAREWELL_SECONDS = 0.2
"""What a connection that a request was cancelled on takes to say goodbye; the test's loop ends after that."""


class ScaledServices:
    """What a test sees and does past every binary of ours, with the administrator's rights."""

    def __init__(self, stack: Stack, client: Client) -> None:
        self.client = client
        self._stack = stack
        self._pods: Informer[Pod] = Informer(client, PODS, namespace=NAMESPACE)
        self._policies: Informer[PowerCappingPolicy] = Informer(client, POLICIES, namespace=NAMESPACE)

    async def follow(self) -> None:
        """Follows pods and policies until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pods.run())
            group.create_task(self._policies.run())

    async def until(self, check: Callable[[], Awaitable[object]], what: str, seconds: float = 60.0) -> float:
        """Waits until a coroutine function returns something true; returns the seconds that it took."""
        began = time.monotonic()
        while not await check():
            self._stack.check()
            if time.monotonic() - began > seconds:
                raise AssertionError(f"{what} did not come about in {seconds:.0f} s; {await self.told()}")
            await asyncio.sleep(0.2)
        return time.monotonic() - began

    async def create(self, cap_watts: int) -> None:
        """Makes the policy, the services and what scales them."""
        levers = {"updateMode": "Auto", "levers": ["Scale", "PowerLimit"], "minReplicas": 1}
        spec = {"powerCapLimit": cap_watts, "selector": {"matchLabels": TEAM}, "updatePolicy": levers}
        await self.client.create(POLICIES, {"metadata": {"name": POLICY}, "spec": spec}, NAMESPACE)
        for name in SERVICES:
            await self.client.create(DEPLOYMENTS, _deployment(name), NAMESPACE)
            await self.client.create(SCALED_OBJECTS, _scaled_object(name), NAMESPACE)

    async def delete(self) -> None:
        """Takes everything away, the policy first: it gives back what it holds."""
        with contextlib.suppress(NotFound):
            await self.client.delete(POLICIES, POLICY, NAMESPACE)
        await self.until(self._policy_is_gone, "the end of the policy")
        for name in SERVICES:
            for resource in (SCALED_OBJECTS, DEPLOYMENTS):
                with contextlib.suppress(NotFound):
                    await self.client.delete(resource, name, NAMESPACE)
        await self.until(self._scaled_objects_are_gone, "KEDA's farewell")

    async def set_cap(self, cap_watts: int) -> None:
        patch = {"spec": {"powerCapLimit": cap_watts}}
        await self.client.patch(POLICIES, POLICY, patch, NAMESPACE)

    async def load(self) -> None:
        """Acts as an HPA under load does where metrics are served: up to its maximum, never beyond."""
        while True:
            with contextlib.suppress(KubeError):
                for hpa in (await self.client.list(HPAS, NAMESPACE)).items:
                    await self._scale_up(hpa.spec.scale_target_ref.name, hpa.spec.max_replicas or 0)
            await asyncio.sleep(0.5)

    async def _scale_up(self, name: str, most: int) -> None:
        found = await self.client.get(DEPLOYMENTS, name, NAMESPACE)
        if (found.spec.replicas or 0) < most:
            metadata = {"resourceVersion": found.metadata.resource_version}
            patch = {"metadata": metadata, "spec": {"replicas": most}}
            await self.client.patch(DEPLOYMENTS, name, patch, NAMESPACE)

    async def autoscaled(self) -> bool:
        """Whether KEDA has made the HPA of each."""
        found = (await self.client.list(HPAS, NAMESPACE)).items
        return {hpa.spec.scale_target_ref.name for hpa in found} == set(SERVICES)

    def pods(self) -> dict[str, int]:
        """Returns how many pods each service has, terminating ones included."""
        apps = [pod.metadata.labels.get("app", "") for pod in self._pods.items()]
        return {name: apps.count(name) for name in SERVICES}

    def advised(self) -> dict[str, tuple[int, int]]:
        """Returns ceiling and watts per replica that the recommender advises, by service."""
        policy = self._policies.get(POLICY, NAMESPACE)
        advice = policy.status.recommendation if policy else None
        rows = advice.replicas if advice else []
        return {row.workload.partition("/")[2]: (row.replicas, row.watts_per_replica) for row in rows}

    def advised_for(self) -> int | None:
        """Returns the cap that the advice is for."""
        policy = self._policies.get(POLICY, NAMESPACE)
        return policy.status.effective_cap_watts if policy else None

    def counted_watts(self) -> int:
        """Returns what all pods count with together, by the advice; each must be in it."""
        advised = self.advised()
        return sum(count * advised[name][1] for name, count in self.pods().items() if count)

    async def maxima(self) -> dict[str, int]:
        """Returns what each ScaledObject allows."""
        found = (await self.client.list(SCALED_OBJECTS, NAMESPACE)).items
        return {one.name: one.spec.max_replica_count or 0 for one in found}

    def specs(self) -> dict[str, Any]:
        """Returns what the ScaledObjects hold, by name, every field as it is on the server."""
        listed = self._stack.cluster.kubectl("get", SCALED_OBJECTS.plural, "-n", NAMESPACE, "-o", "json")
        return {item["metadata"]["name"]: item["spec"] for item in json.loads(listed)["items"]}

    async def notes(self) -> list[str]:
        """Returns the services whose ScaledObject bears a note of ours."""
        found = (await self.client.list(SCALED_OBJECTS, NAMESPACE)).items
        return [one.name for one in found if ANNOTATION_CEILING in one.metadata.annotations]

    async def told(self) -> str:
        """Returns what there is to see when something did not come about."""
        policy = self._policies.get(POLICY, NAMESPACE)
        status = to_builtins(policy.status) if policy else {}
        return f"pods {self.pods()}, advised {self.advised()}, maxima {await self.maxima()}, status {status}"

    async def _policy_is_gone(self) -> bool:
        return self._policies.get(POLICY, NAMESPACE) is None

    async def _scaled_objects_are_gone(self) -> bool:
        return not (await self.client.list(SCALED_OBJECTS, NAMESPACE)).items


@contextlib.asynccontextmanager
async def scaled_services(stack: Stack) -> AsyncIterator[ScaledServices]:
    """A watch on a running stack; what was made is taken away at the end."""
    async with Client(load_config(str(stack.cluster.kubeconfig))) as client:
        services = ScaledServices(stack, client)
        background = [asyncio.create_task(services.follow()), asyncio.create_task(services.load())]
        try:
            yield services
        finally:
            await services.delete()
            for task in background:
                task.cancel()
            await asyncio.wait(background)
            await asyncio.sleep(_FAREWELL_SECONDS)


def _deployment(name: str) -> dict[str, Any]:
    labels = {"app": name, **TEAM}
    resources = {"limits": {"nvidia.com/gpu": "1"}}
    container = {"name": "vllm", "image": "vllm/vllm-openai:v0.11.0", "args": ["--model", "org/Model-8B"]}
    pod = {"terminationGracePeriodSeconds": 1, "containers": [{**container, "resources": resources}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": REPLICAS, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


def _scaled_object(name: str) -> dict[str, Any]:
    triggers = [{"type": "cron", "metadata": ALWAYS}]
    bounds = {"maxReplicaCount": REPLICAS, "pollingInterval": 2, "cooldownPeriod": 1}
    spec = {"scaleTargetRef": {"name": name}, "triggers": triggers, **bounds}
    return {"metadata": {"name": name}, "spec": spec}
