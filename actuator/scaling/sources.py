"""Local copies of workloads and of what scales them; followed only once a policy scales."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from actuator.input.pods import KIND as PODS_KIND
from actuator.input.pods import Pods
from actuator.scaling.handles.registry import HANDLES, group_of
from actuator.scaling.optional import OptionalInformer
from common.api.autoscaling import HPAS, SCALED_OBJECTS, ScaleTarget
from common.api.core import ObjectReference, Pod
from common.api.meta import KubeObject, object_key
from common.api.names import ANNOTATION_CEILING
from common.kube.api_resources import ApiResources
from common.kube.client import Client

_POLL_SECONDS = 0.05
_HELD = "held"
_TARGET = "target"


class ScalingSources:
    """Everything by kind; kinds that the server does not serve hold nothing."""

    def __init__(self, client: Client, pods: Pods) -> None:
        self.kinds = ApiResources(client, client.clock)
        self._pods = pods
        self._wake: Callable[[], None] = lambda: None
        self._needed = asyncio.Event()
        self._owners = {
            (handle.resource.group, handle.resource.kind): OptionalInformer(
                client, self.kinds, handle.resource, _indexers(handle.resource.kind), self._changed
            )
            for handle in HANDLES
        }
        pods.on_change(lambda old, new: self._changed() if _matters(old) != _matters(new) else None)

    def on_change(self, wake: Callable[[], None]) -> None:
        """Calls ``wake`` at every change that may matter to a ceiling."""
        self._wake = wake

    async def run(self) -> None:
        """Follows everything but pods until cancelled, once `need` was called."""
        await self._needed.wait()
        async with asyncio.TaskGroup() as group:
            for informer in self._owners.values():
                group.create_task(informer.run())

    def need(self) -> None:
        """Starts following: some policy scales."""
        self._pods.need()
        self._needed.set()

    def _changed(self) -> None:
        self._wake()

    async def wait_synced(self) -> None:
        """Waits for the first full picture of every kind that is served."""
        await self._pods.wait_synced()
        while not all(informer.synced for informer in self._owners.values()):  # noqa: ASYNC110 - no such event
            await asyncio.sleep(_POLL_SECONDS)

    def unsynced(self) -> list[str]:
        """Returns the kinds of which there is no full picture yet."""
        owners = [one.resource.plural for one in self._owners.values() if not one.synced]
        return owners if self._pods.synced else [PODS_KIND, *owners]

    def find(self, reference: ObjectReference) -> KubeObject | None:
        """Returns an object of a kind with a handle; None where it is not there."""
        informer = self._owners.get((group_of(reference.api_version), reference.kind))
        return informer.get(object_key(reference.name, reference.namespace)) if informer else None

    def scalers(self, reference: ObjectReference) -> list[tuple[ObjectReference, KubeObject]]:
        """Returns the autoscalers that name an object as their target."""
        key = f"{reference.namespace}/{reference.kind}/{reference.name}"
        found: list[tuple[ObjectReference, KubeObject]] = []
        for resource in (SCALED_OBJECTS, HPAS):
            informer = self._owners[resource.group, resource.kind]
            found += [(reference_to(informer, item), item) for item in informer.by_index(_TARGET, key)]
        return found

    def held(self) -> Iterator[tuple[ObjectReference, KubeObject]]:
        """Yields the objects that bear a note."""
        for informer in self._owners.values():
            for item in informer.by_index(_HELD, _HELD):
                yield reference_to(informer, item), item

    def living_pods(self, namespace: str, workload: str) -> list[Pod]:
        """Returns the pods of a workload that draw or may come to: all but ended, terminating included."""
        return self._pods.living(namespace, workload)


def reference_to(informer: OptionalInformer[Any], item: KubeObject) -> ObjectReference:
    """Returns the reference to an object of an informer."""
    return ObjectReference(
        api_version=informer.resource.api_version,
        kind=informer.resource.kind,
        name=item.name,
        namespace=item.namespace,
        uid=item.metadata.uid,
    )


def _indexers(kind: str) -> dict[str, Callable[[Any], list[str]]]:
    indexers: dict[str, Callable[[Any], list[str]]] = {_HELD: _held_keys}
    if kind in (SCALED_OBJECTS.kind, HPAS.kind):
        indexers[_TARGET] = _target_keys
    return indexers


def _held_keys(item: KubeObject) -> list[str]:
    return [_HELD] if ANNOTATION_CEILING in item.metadata.annotations else []


def _target_keys(item: Any) -> list[str]:
    target: ScaleTarget = item.spec.scale_target_ref
    return [f"{item.namespace}/{target.kind or 'Deployment'}/{target.name}"]


def _matters(pod: Pod | None) -> tuple[str, ...]:
    return () if pod is None else (pod.metadata.uid, pod.status.phase)
