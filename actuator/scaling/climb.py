"""The way up from a pod or a workload: its controllers, and what scales each of them."""

from __future__ import annotations

from dataclasses import replace

from actuator.scaling.handles.registry import known_handle
from actuator.scaling.ownership import Link
from actuator.scaling.sources import ScalingSources
from common.api.core import ObjectReference, PartialObject
from common.api.meta import KubeObject, OwnerReference
from common.api.resource import Resource
from common.api.workload import controller_of
from common.clock import Clock
from common.kube.api_resources import LIFETIME_SECONDS
from common.kube.client import Client
from common.kube.errors import Forbidden, NotFound

_MOST_LINKS = 8
_BUILT_IN = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "ReplicaSet": "apps/v1", "Job": "batch/v1"}


class Climber:
    """Kinds with a handle are read from the local copies; others are asked for, once a minute each."""

    def __init__(self, client: Client, sources: ScalingSources, clock: Clock) -> None:
        self._client = client
        self._sources = sources
        self._clock = clock
        self._seen: dict[tuple[str, ...], tuple[float, KubeObject | None]] = {}

    async def from_workload(self, namespace: str, workload: str) -> tuple[Link, ...]:
        """Returns the way up from a workload (``Kind/name``), lowest link first; empty where it is not found.

        Raises:
            KubeError: The API server could not be asked.
        """
        kind, _, name = workload.partition("/")
        pods = self._sources.living_pods(namespace, workload)
        owner = controller_of(pods[0].metadata.owner_references) if pods else None
        if owner is not None and owner.kind == kind:
            return await self.climb(_reference(owner, namespace))
        if kind not in _BUILT_IN:
            return ()
        reference = ObjectReference(api_version=_BUILT_IN[kind], kind=kind, name=name, namespace=namespace)
        return await self.climb(reference)

    async def climb(self, reference: ObjectReference) -> tuple[Link, ...]:
        """Returns the way up from an object, itself included, with what scales each link.

        Raises:
            KubeError: The API server could not be asked.
        """
        chain = []
        for link in await self._ancestry(reference):
            scalers = [await self._scaler(*found) for found in self._sources.scalers(link.reference)]
            chain.append(replace(link, scalers=tuple(scalers)))
        return tuple(chain)

    async def _ancestry(self, reference: ObjectReference) -> tuple[Link, ...]:
        chain: list[Link] = []
        at: ObjectReference | None = reference
        while at is not None and len(chain) < _MOST_LINKS:
            item = await self._find(at)
            chain.append(Link(at, await self._scalable(at), item.metadata.annotations if item else {}))
            owner = controller_of(item.metadata.owner_references) if item else None
            at = _reference(owner, reference.namespace) if owner else None
        return tuple(chain)

    async def _scaler(self, reference: ObjectReference, item: KubeObject) -> tuple[Link, ...]:
        owner = controller_of(item.metadata.owner_references)
        above = await self._ancestry(_reference(owner, reference.namespace)) if owner else ()
        return (Link(reference), *above)

    async def _scalable(self, reference: ObjectReference) -> bool:
        if known_handle(reference) is not None:
            return True
        served = await self._sources.kinds.find(reference.api_version, reference.kind)
        return served is not None and served.scalable

    async def _find(self, reference: ObjectReference) -> KubeObject | None:
        if known_handle(reference) is not None:
            return self._sources.find(reference)
        key = (reference.api_version, reference.kind, reference.namespace, reference.name)
        asked, item = self._seen.get(key, (float("-inf"), None))
        now = self._clock.monotonic()
        if now - asked >= LIFETIME_SECONDS:
            item = await self._ask(reference)
            self._seen = {k: one for k, one in self._seen.items() if now - one[0] < LIFETIME_SECONDS}
            self._seen[key] = (now, item)
        return item

    async def _ask(self, reference: ObjectReference) -> KubeObject | None:
        """Reads an object; None where it is gone or where we may not look: the way up ends there."""
        served = await self._sources.kinds.find(reference.api_version, reference.kind)
        if served is None:
            return None
        group, _, version = reference.api_version.rpartition("/")
        resource = Resource(
            kind=reference.kind,
            plural=served.plural,
            type=PartialObject,
            group=group,
            version=version,
            namespaced=served.namespaced,
        )
        try:
            return await self._client.get(resource, reference.name, reference.namespace)
        except (NotFound, Forbidden):
            return None


def _reference(owner: OwnerReference, namespace: str) -> ObjectReference:
    return ObjectReference(
        api_version=owner.api_version, kind=owner.kind, name=owner.name, namespace=namespace, uid=owner.uid
    )
