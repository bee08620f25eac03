"""What the API server knows of services: Deployments, their pods, and the policies that select them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from common.api.core import PODS, Pod
from common.api.policy import POLICIES, PolicySpec, PowerCappingPolicy
from common.kube.client import Client
from common.kube.informer import Informer
from recommender.model.pods import PodView
from recommender.model.world import PodViews
from recommender.planner.deployments import DEPLOYMENTS, Deployment
from recommender.planner.service_state import ServiceKey

_KIND = "Deployment/"


class Inventory:
    """Caches, kept by watches."""

    def __init__(
        self, deployments: Informer[Deployment], pods: Informer[Pod], policies: Informer[PowerCappingPolicy]
    ) -> None:
        self.deployments = deployments
        self.pods = pods
        self.policies = policies
        self._views = PodViews()

    @classmethod
    def of(cls, client: Client) -> Inventory:
        """Returns caches of its own."""
        running = Informer(client, PODS, field_selector="status.phase=Running")
        return cls(Informer(client, DEPLOYMENTS), running, Informer(client, POLICIES))

    async def run(self) -> None:
        """Follows all kinds until cancelled."""
        async with asyncio.TaskGroup() as group:
            for informer in (self.deployments, self.pods, self.policies):
                group.create_task(informer.run())

    async def wait_synced(self) -> None:
        """Waits for the first full picture of every kind."""
        for informer in (self.deployments, self.pods, self.policies):
            await informer.wait_synced()

    def unsynced(self) -> str | None:
        """Says that there is no full picture yet; None when there is."""
        every = (self.deployments.synced, self.pods.synced, self.policies.synced)
        return None if all(every) else "waiting for the first list of deployments, pods and policies"

    def pod_services(self) -> Mapping[ServiceKey, ServiceKey]:
        """Returns the service of every running pod, by the pod's namespace and name."""
        return services_of(self.views())

    def views(self) -> tuple[PodView, ...]:
        """Returns the running pods."""
        return self._views.of(self.pods.items())

    def policy_of(self, deployment: Deployment) -> PolicySpec | None:
        """Returns the policy of highest priority that selects a Deployment's pods, or None."""
        return strongest(self.policies.items(), deployment)


def service_key(namespace: str, workload: str) -> ServiceKey:
    """Returns the key of a workload (``Kind/name``): Deployments go by their bare name, as clients ask."""
    return ServiceKey(namespace, workload.removeprefix(_KIND))


def services_of(pods: Iterable[PodView]) -> dict[ServiceKey, ServiceKey]:
    """Returns the service of every pod, by the pod's namespace and name."""
    return {ServiceKey(pod.namespace, pod.name): service_key(pod.namespace, pod.workload) for pod in pods}


def strongest(policies: list[PowerCappingPolicy], deployment: Deployment) -> PolicySpec | None:
    """Returns the policy of highest priority that selects a Deployment's pods, or None."""
    labels = deployment.spec.template.metadata.labels
    fitting = [
        policy
        for policy in policies
        if policy.namespace == deployment.namespace and policy.spec.selector.matches(labels)
    ]
    return max(fitting, key=lambda one: (one.spec.priority, one.name)).spec if fitting else None
