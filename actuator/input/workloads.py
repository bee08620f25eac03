"""Local copies of what the disruptive rungs look at: pods, disruption budgets, the webhook's registration."""

from __future__ import annotations

import asyncio
from typing import Any

from actuator.input.pods import Pods
from common.api.core import Pod
from common.api.disruption import DISRUPTION_BUDGETS, PodDisruptionBudget
from common.kube.client import Client
from common.kube.informer import Informer
from common.webhook.registration import CONFIGURATION_NAME, CONFIGURATIONS, WebhookConfiguration

_NAMESPACE = "namespace"


class Workloads:
    """Followed only once a policy may stop pods, so that holding caps never waits for them."""

    def __init__(self, client: Client, pods: Pods) -> None:
        self._pods = pods
        self._budgets: Informer[PodDisruptionBudget] = Informer(
            client, DISRUPTION_BUDGETS, indexers={_NAMESPACE: lambda budget: (budget.namespace,)}
        )
        self._webhook: Informer[WebhookConfiguration] = Informer(
            client, CONFIGURATIONS, field_selector=f"metadata.name={CONFIGURATION_NAME}"
        )
        self._needed = asyncio.Event()

    async def run(self) -> None:
        """Follows everything but pods until cancelled, once `need` was called."""
        await self._needed.wait()
        async with asyncio.TaskGroup() as group:
            for informer in self._informers():
                group.create_task(informer.run())

    def need(self) -> None:
        """Starts following: some policy may stop pods."""
        self._pods.need()
        self._needed.set()

    @property
    def synced(self) -> bool:
        """Whether there is a full picture of everything."""
        return self._pods.synced and all(informer.synced for informer in self._informers())

    def pods_in(self, namespace: str) -> list[Pod]:
        """Returns the pods of a namespace."""
        return self._pods.in_namespace(namespace)

    def pods_on(self, node: str) -> list[Pod]:
        """Returns the pods that are bound to a node."""
        return self._pods.on_node(node)

    def pod(self, name: str, namespace: str) -> Pod | None:
        """Returns a pod, or None where there is none of that name."""
        return self._pods.get(name, namespace)

    def budgets_in(self, namespace: str) -> list[PodDisruptionBudget]:
        """Returns the disruption budgets of a namespace."""
        return self._budgets.by_index(_NAMESPACE, namespace)

    def webhook(self) -> WebhookConfiguration | None:
        """Returns the webhook's registration."""
        return self._webhook.get(CONFIGURATION_NAME)

    def _informers(self) -> tuple[Informer[Any], ...]:
        return (self._budgets, self._webhook)
