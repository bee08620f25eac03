"""The one local copy of all pods, for every lever that looks at them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from common.api.core import Pod
from common.api.placement import PLACED_PODS, PlacedPod
from common.api.workload import workload_of
from common.kube.client import Client
from common.kube.informer import Informer

KIND = PLACED_PODS.plural
_ENDED = frozenset({"Succeeded", "Failed"})
_NAMESPACE = "namespace"
_NODE = "node"
_WORKLOAD = "workload"


class Pods:
    """Followed only once a policy may scale or stop pods, so that holding caps never waits for them."""

    def __init__(self, client: Client) -> None:
        indexers = {
            _NAMESPACE: lambda pod: (pod.namespace,),
            _NODE: lambda pod: (pod.spec.node_name,),
            _WORKLOAD: _workload_keys,
        }
        self._pods: Informer[PlacedPod] = Informer(client, PLACED_PODS, indexers=indexers)
        self._needed = asyncio.Event()

    async def run(self) -> None:
        """Follows all pods until cancelled, once `need` was called."""
        await self._needed.wait()
        await self._pods.run()

    def need(self) -> None:
        """Starts following."""
        self._needed.set()

    @property
    def synced(self) -> bool:
        """Whether there is a full picture."""
        return self._pods.synced

    async def wait_synced(self) -> None:
        """Waits for the first full picture."""
        await self._pods.wait_synced()

    def on_change(self, handler: Callable[[Pod | None, Pod | None], None]) -> None:
        """Calls ``handler(old, new)`` at every change, see `Informer.on_change`."""
        self._pods.on_change(handler)

    def in_namespace(self, namespace: str) -> list[Pod]:
        """Returns the pods of a namespace."""
        return list(self._pods.by_index(_NAMESPACE, namespace))

    def on_node(self, node: str) -> list[Pod]:
        """Returns the pods that are bound to a node."""
        return list(self._pods.by_index(_NODE, node))

    def living(self, namespace: str, workload: str) -> list[Pod]:
        """Returns the pods of a workload (``Kind/name``) that have not ended, terminating ones included."""
        return list(self._pods.by_index(_WORKLOAD, f"{namespace}/{workload}"))

    def get(self, name: str, namespace: str) -> Pod | None:
        """Returns a pod, or None where there is none of that name."""
        return self._pods.get(name, namespace)


def _workload_keys(pod: Pod) -> list[str]:
    return [] if pod.status.phase in _ENDED else [f"{pod.namespace}/{workload_of(pod)}"]
