"""Services scaled by real KEDA under a load that always wants more, and a watch over all their pods."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from common.api.apps import DEPLOYMENTS
from common.api.autoscaling import HPAS, SCALED_OBJECTS
from common.api.core import PODS
from common.kube.client import Client
from common.kube.errors import KubeError
from common.kube.informer import Informer

from .conftest import EACH_WATTS, Place

ALWAYS = {"timezone": "UTC", "start": "0 0 1 1 *", "end": "59 23 31 12 *", "desiredReplicas": "6"}
"""A cron trigger that is active all year long."""


async def scaled(place: Place, name: str, replicas: int = 6, **spec: Any) -> None:
    """Makes a Deployment and a ScaledObject with a cron trigger."""
    await place.deployment(name, replicas)
    full = {
        "scaleTargetRef": {"name": name},
        "pollingInterval": 2,
        "cooldownPeriod": 1,
        "maxReplicaCount": 6,
        "triggers": [{"type": "cron", "metadata": ALWAYS}],
        **spec,
    }
    await place.client.create(SCALED_OBJECTS, {"metadata": {"name": name}, "spec": full}, place.namespace)
    await place.until(lambda: has_autoscaler(place, name), f"the HPA of {name}")


async def has_autoscaler(place: Place, name: str) -> bool:
    """Whether KEDA's HPA is there."""
    found = (await place.client.list(HPAS, place.namespace)).items
    return any(hpa.spec.scale_target_ref.name == name for hpa in found)


async def load(client: Client, namespace: str) -> None:
    """Acts as an HPA under load does where metrics are served: scales up to its maximum, never beyond."""
    while True:
        with contextlib.suppress(KubeError):
            for hpa in (await client.list(HPAS, namespace)).items:
                name, most = hpa.spec.scale_target_ref.name, hpa.spec.max_replicas or 0
                found = await client.get(DEPLOYMENTS, name, namespace)
                if (found.spec.replicas or 0) < most:
                    metadata = {"resourceVersion": found.metadata.resource_version}
                    patch = {"metadata": metadata, "spec": {"replicas": most}}
                    await client.patch(DEPLOYMENTS, name, patch, namespace)
        await asyncio.sleep(0.3)


class Draw:
    """Follows the pods of a namespace; each draws 100 W until it is gone."""

    def __init__(self, place: Place) -> None:
        self._pods: Informer[Any] = Informer(place.client, PODS, namespace=place.namespace)
        self._pods.on_change(lambda _old, _new: self._note())
        self.highest_watts = 0
        place.background.append(asyncio.create_task(self._pods.run()))

    @property
    def watts(self) -> int:
        """What all pods draw now."""
        return EACH_WATTS * len(self._pods)

    def begin(self) -> None:
        """Forgets the highest draw seen so far."""
        self.highest_watts = self.watts

    def _note(self) -> None:
        self.highest_watts = max(self.highest_watts, self.watts)
