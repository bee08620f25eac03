"""A kind that nobody here has heard of, with a ``/scale`` subresource: bounded where the rights allow it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from common.api.core import PODS, PartialObject
from common.api.names import ANNOTATION_CEILINGS
from common.api.resource import Resource
from deploy.local.cluster import LocalCluster

from .conftest import Place, running, workload_spec

GROUP = "games.example.com"
FLEETS = Resource(
    kind="Fleet", plural="fleets", type=PartialObject, group=GROUP, version="v1", namespaced=True
)
COUNTS = {"type": "object", "properties": {"replicas": {"type": "integer"}}}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"fleets.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"kind": "Fleet", "plural": "fleets", "singular": "fleet", "listKind": "FleetList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": COUNTS}}},
                "subresources": {
                    "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
                },
            }
        ],
    },
}


@pytest.fixture(scope="module")
def fleets(cluster: LocalCluster) -> Iterator[None]:
    cluster.kubectl("apply", "-f", "-", input=json.dumps(CRD))
    cluster.kubectl("wait", "--for=condition=Established", f"crd/fleets.{GROUP}", "--timeout=30s")
    yield
    cluster.kubectl("delete", "crd", f"fleets.{GROUP}", "--wait=false")


@pytest.fixture
def granted(cluster: LocalCluster) -> Iterator[None]:
    """The rights that the operator's page names."""
    rule = ["--verb=get,patch", f"--resource=fleets.{GROUP},fleets.{GROUP}/scale"]
    cluster.kubectl("create", "clusterrole", "climatik-fleets", *rule)
    account = "--serviceaccount=climatik-project:climatik-actuator"
    cluster.kubectl(
        "create", "clusterrolebinding", "climatik-fleets", "--clusterrole=climatik-fleets", account
    )
    yield
    cluster.kubectl("delete", "clusterrolebinding,clusterrole", "climatik-fleets")


async def test_the_count_is_lowered_through_scale_and_given_back(
    place: Place, fleets: None, granted: None
) -> None:
    await _fleet(place, 5)
    await place.policy()
    await place.advise(200, {"Fleet/arena": 2})
    async with running(place):
        await place.until(lambda: _count(place, 2), "the ceiling")
        assert "Fleet/arena" in (await place.the_policy()).metadata.annotations[ANNOTATION_CEILINGS]
        await place.advise(500, {"Fleet/arena": 5})
        await place.until(lambda: _count(place, 5), "the original")


async def test_without_the_rights_the_remedy_is_told(place: Place, fleets: None) -> None:
    await _fleet(place, 5)
    await place.policy()
    await place.advise(200, {"Fleet/arena": 2})
    async with running(place):
        await place.until(lambda: _told(place, "grant the actuator get and patch"), "the refusal")
    assert await _count(place, 5)


async def _fleet(place: Place, count: int) -> None:
    """Makes a fleet and one of its pods, as its controller would."""
    body: dict[str, Any] = {"metadata": {"name": "arena"}, "spec": {"replicas": count}}
    fleet = await place.client.create(FLEETS, body, place.namespace)
    owner = {
        "apiVersion": FLEETS.api_version,
        "kind": "Fleet",
        "name": "arena",
        "uid": fleet.metadata.uid,
        "controller": True,
    }
    spec = workload_spec("arena", place.node)["template"]["spec"]
    metadata = {"name": "arena-0", "ownerReferences": [owner]}
    await place.client.create(PODS, {"metadata": metadata, "spec": spec}, place.namespace)


async def _count(place: Place, count: int) -> bool:
    path = FLEETS.path(place.namespace, "arena", "scale")
    return bool(json.loads(await place.client.request("GET", path))["spec"]["replicas"] == count)


async def _told(place: Place, words: str) -> bool:
    return any(words in one for one in await place.reasons())
