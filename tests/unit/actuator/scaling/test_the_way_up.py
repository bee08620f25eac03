"""The way up from a workload: controllers from copies or from the server, autoscalers, where it ends."""

from __future__ import annotations

from typing import Any

from actuator.scaling.climb import Climber
from actuator.scaling.ownership import Unowned, count_owner
from common.api.core import ObjectReference, PartialObject
from common.api.meta import KubeObject, ObjectMeta, OwnerReference
from common.kube.api_resources import ApiResources
from common.kube.client import Client
from tests.fakes.clock import FakeClock

from .small_server import SmallServer

SETS = "/apis/apps/v1/namespaces/ns/replicasets"
Owners = dict[str, list[OwnerReference]]


def owner(kind: str, name: str, api_version: str = "apps/v1") -> OwnerReference:
    return OwnerReference(api_version=api_version, kind=kind, name=name, uid=f"uid-{name}", controller=True)


class Copies:
    """Local copies of objects (``Kind/name``) with their controllers, and the autoscalers of some."""

    def __init__(self, client: Client, owners: Owners, scalers: dict[str, list[str]]) -> None:
        self.kinds = ApiResources(client, client.clock)
        self._owners = owners
        self._scalers = scalers

    def find(self, reference: ObjectReference) -> KubeObject | None:
        return self._item(f"{reference.kind}/{reference.name}")

    def scalers(self, reference: ObjectReference) -> list[tuple[ObjectReference, KubeObject]]:
        found = []
        for title in self._scalers.get(f"{reference.kind}/{reference.name}", []):
            kind, _, name = title.partition("/")
            version = {"ScaledObject": "keda.sh/v1alpha1"}.get(kind, "autoscaling/v2")
            item = self._item(title)
            assert item is not None
            found.append((ObjectReference(api_version=version, kind=kind, name=name, namespace="ns"), item))
        return found

    def living_pods(self, namespace: str, workload: str) -> list[Any]:
        return []

    def _item(self, title: str) -> KubeObject | None:
        if title not in self._owners:
            return None
        return PartialObject(metadata=ObjectMeta(name=title, owner_references=self._owners[title]))


async def owner_of(
    workload: str,
    owners: Owners,
    scalers: dict[str, list[str]] | None = None,
    server: SmallServer | None = None,
) -> str:
    server = server or SmallServer()
    names = [("replicasets", "ReplicaSet"), ("replicasets/scale", "Scale")]
    server.discovery["/apis/apps/v1"] = [{"name": n, "kind": k, "namespaced": True} for n, k in names]
    client, clock = server.client(), FakeClock()
    copies: Any = Copies(client, owners, scalers or {})
    found = count_owner(await Climber(client, copies, clock).from_workload("ns", workload))
    return found.reason if isinstance(found, Unowned) else f"{found.kind}/{found.name}"


async def test_a_deployment_and_what_made_its_autoscaler() -> None:
    owners = {
        "Deployment/chat": [],
        "ScaledObject/so": [],
        "HorizontalPodAutoscaler/hpa": [owner("ScaledObject", "so", "keda.sh/v1alpha1")],
    }
    scalers = {"Deployment/chat": ["ScaledObject/so", "HorizontalPodAutoscaler/hpa"]}
    assert await owner_of("Deployment/chat", owners, scalers) == "ScaledObject/so"


async def test_an_autoscaler_that_its_own_target_owns() -> None:
    owners = {"Deployment/chat": [], "HorizontalPodAutoscaler/hpa": [owner("Deployment", "chat")]}
    scalers = {"Deployment/chat": ["HorizontalPodAutoscaler/hpa"]}
    assert await owner_of("Deployment/chat", owners, scalers) == "HorizontalPodAutoscaler/hpa"


async def test_owners_that_own_each_other_are_climbed_once() -> None:
    owners = {"Deployment/a": [owner("Deployment", "b")], "Deployment/b": [owner("Deployment", "a")]}
    assert await owner_of("Deployment/a", owners) in ("Deployment/a", "Deployment/b")


async def test_a_kind_without_a_copy_is_read_from_the_server() -> None:
    server = SmallServer()
    rollout = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "chat", "controller": True}
    server.put(f"{SETS}/chat-1", {"metadata": {"ownerReferences": [rollout]}})
    names = [("rollouts", "Rollout"), ("rollouts/scale", "Scale")]
    server.discovery["/apis/argoproj.io/v1alpha1"] = [
        {"name": n, "kind": k, "namespaced": True} for n, k in names
    ]
    assert await owner_of("ReplicaSet/chat-1", {}, server=server) == "Rollout/chat"


async def test_what_is_gone_ends_the_way() -> None:
    assert await owner_of("ReplicaSet/chat-1", {}) == "ReplicaSet/chat-1"


async def test_a_workload_that_nobody_knows_has_no_way() -> None:
    assert await owner_of("Fleet/arena", {}) == "NotScalable"
