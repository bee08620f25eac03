"""Moves on the real scheduler: one that succeeds, and those that fail and leave nothing reserved."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from actuator.audit.metrics import LadderMetrics
from actuator.audit.teller import Teller
from actuator.ladder.action import Action, Outcome, Rung
from actuator.levers.evict import EvictLever
from actuator.levers.migrate import MigrateLever, MigrationSettings
from actuator.levers.movers import Mover
from actuator.levers.place_store import PlaceStore
from common.api.core import NODES, PODS, Pod
from common.api.places import read_places
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference
from common.kube.client import Client
from common.kube.config_sources import load_config
from deploy.local.cluster import LocalCluster
from tests.cluster.admission.objects import create, node

HOLD = timedelta(seconds=8)


class Silent:
    """Takes Events, and keeps their reasons."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def event(self, _regarding: Any, _kind: str, reason: str, _message: str) -> None:
        self.reasons.append(reason)


@dataclass
class Yard:
    """A pod on its node, a node beside it, and the lever with the actuator's own rights."""

    cluster: LocalCluster
    admin: Client
    client: Client
    namespace: str
    pool: str
    source: str
    target: str
    events: Silent

    def __post_init__(self) -> None:
        self.seen: list[PowerCappingPolicy] = []
        self.store = PlaceStore(self.client, "pause")
        self.evict = EvictLever(self.client)
        self.lever = MigrateLever(self.client, self.store, self.evict, MigrationSettings(HOLD))

    def policies(self) -> list[PowerCappingPolicy]:
        return self.seen

    def pods_in(self, _namespace: str) -> None:
        """No local copies: the server is asked."""

    async def pods(self) -> list[Pod]:
        found = (await self.admin.list(PODS, self.namespace)).items
        return [pod for pod in found if not pod.metadata.deletion_timestamp]

    async def running(self) -> Pod:
        while True:
            pods = await self.pods()
            if pods and pods[0].status.phase == "Running":
                return pods[0]
            await asyncio.sleep(0.1)

    async def action(self) -> Action:
        pod = await self.running()
        return Action(
            key=f"MIGRATE/{pod.metadata.uid}",
            rung=Rung.MIGRATE,
            policy=(self.namespace, "cap"),
            target=reference(PODS, pod),
            relief_watts=400,
            disruptions=1,
            reason="test",
            destination=self.target,
            node=self.source,
        )

    async def finish(self, seconds: float = 20) -> list[str]:
        """Does rounds of the mover until a move has ended; returns how."""
        teller = Teller(self.events, LadderMetrics(CollectorRegistry()))  # type: ignore[arg-type]
        mover = Mover(self.client, self.store, self.evict, self, teller, lambda: True)
        async with asyncio.timeout(seconds):
            while not (ended := mover.ended()):
                await asyncio.sleep(0.2)
                self.seen = (await self.client.list(POLICIES, self.namespace)).items
                await mover.round()
        return [one.reason for one in ended]

    async def assert_nothing_left(self) -> None:
        (policy,) = (await self.client.list(POLICIES, self.namespace)).items
        assert read_places(policy) == {}
        assert await self.store.placeholders() == []


@pytest.fixture
async def yard(cluster: LocalCluster, namespace: str) -> AsyncIterator[Yard]:
    pool = f"moves-{uuid.uuid4().hex[:6]}"
    names = [f"{pool}-a", f"{pool}-b"]
    _node(cluster, names[0], pool)
    policy = {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": "cap", "namespace": namespace},
        "spec": {"powerCapLimit": 1000, "selector": {"matchLabels": {"app": "llm"}}},
    }
    create(cluster, policy)
    cluster.kubectl("apply", "-n", namespace, "-f", "-", input=json.dumps(_deployment(pool)))
    config = load_config(str(cluster.kubeconfig_for("climatik-actuator")))
    async with Client(load_config(str(cluster.kubeconfig))) as admin, Client(config) as client:
        made = Yard(cluster, admin, client, namespace, pool, names[0], names[1], Silent())
        await made.running()
        _node(cluster, names[1], pool)
        yield made
    cluster.kubectl("delete", "deployment", "llm", "-n", namespace, "--ignore-not-found", "--wait=false")
    cluster.kubectl("delete", "node", *names, "--ignore-not-found", "--wait=false")


async def test_a_replacement_that_may_go_nowhere_else_takes_the_kept_place(yard: Yard) -> None:
    await yard.admin.patch(NODES, yard.source, {"spec": {"unschedulable": True}})
    outcome = await yard.lever.take(await yard.action())
    assert (outcome.taken, outcome.reason) == (True, "Moving")
    assert await yard.finish() == ["Migrated"]
    assert (await yard.running()).spec.node_name == yard.target
    await yard.assert_nothing_left()


async def test_the_place_is_kept_by_a_placeholder_of_negative_priority_until_the_eviction(yard: Yard) -> None:
    action = await yard.action()
    stuck = await _take_without_evicting(yard, action)
    assert stuck.reason == "Refused"
    assert (await yard.store.placeholders()) == []


async def test_no_place(yard: Yard) -> None:
    await yard.admin.patch(NODES, yard.target, {"spec": {"unschedulable": True}})
    before = await yard.running()
    outcome = await yard.lever.take(await yard.action())
    assert (outcome.taken, outcome.reason) == (False, "NoPlace")
    assert "Unschedulable" in outcome.message
    assert (await yard.running()).metadata.uid == before.metadata.uid
    await yard.assert_nothing_left()


async def test_the_replacement_lands_elsewhere(yard: Yard) -> None:
    """Nobody leads it to the place, as no webhook runs here: a free node needs no preemption."""
    third = f"{yard.target}-third"
    _node(yard.cluster, third, yard.pool)
    await yard.admin.patch(NODES, yard.source, {"spec": {"unschedulable": True}})  # nor may it come back
    outcome = await yard.lever.take(await yard.action())
    assert outcome.taken
    assert await yard.finish() == ["LandedElsewhere"]
    assert (await yard.running()).spec.node_name == third
    await yard.assert_nothing_left()
    yard.cluster.kubectl("delete", "node", third, "--wait=false")
    assert yard.events.reasons == ["LandedElsewhere"] * 2


async def test_a_disruption_budget_refuses_half_way(yard: Yard) -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "llm"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "llm"}}},
    }
    yard.cluster.kubectl("apply", "-n", yard.namespace, "-f", "-", input=json.dumps(budget))
    await asyncio.sleep(1.0)
    before = await yard.running()
    outcome = await yard.lever.take(await yard.action())
    assert (outcome.taken, outcome.reason) == (False, "DisruptionBudget")
    assert (await yard.running()).metadata.uid == before.metadata.uid
    await yard.assert_nothing_left()


async def test_the_owner_makes_no_replacement(yard: Yard) -> None:
    """The place is held as long as was said, and no longer."""
    action = await yard.action()
    yard.cluster.kubectl("delete", "deployment", "llm", "-n", yard.namespace, "--cascade=orphan")
    yard.cluster.kubectl("delete", "replicasets", "--all", "-n", yard.namespace, "--cascade=orphan")
    assert (await yard.lever.take(action)).taken
    assert await yard.finish() == ["NoReplacement"]
    await yard.assert_nothing_left()


async def _take_without_evicting(yard: Yard, action: Action) -> Outcome:
    class Refusing:
        rung = Rung.EVICT

        async def take(self, action: Action) -> Outcome:
            (kept,) = await yard.store.placeholders()
            assert kept.spec.node_name == yard.target
            assert kept.spec.priority < 0
            return Outcome(action, False, "Refused", "for the test")

    lever = MigrateLever(yard.client, yard.store, Refusing(), MigrationSettings(HOLD))
    return await lever.take(action)


def _node(cluster: LocalCluster, name: str, pool: str) -> None:
    body = node(name, pool)
    body["metadata"]["labels"]["kubernetes.io/hostname"] = name
    body["status"]["capacity"]["nvidia.com/gpu"] = "1"
    create(cluster, body)


def _deployment(pool: str) -> dict[str, Any]:
    labels = {"app": "llm"}
    resources = {"limits": {"nvidia.com/gpu": "1", "cpu": "1"}}
    spec = {
        "nodeSelector": {"pool": pool},
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}],
        "containers": [{"name": "server", "image": "x", "resources": resources}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "llm"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
