"""Ceilings whose policy is gone are given back; one that the local copy does not show yet is not gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from actuator.audit.journal import Journal
from actuator.gate.settings import GateSettings
from actuator.scaling.announce import Announcer, CeilingMetrics
from actuator.scaling.execute import SETTLED_SECONDS
from actuator.scaling.reconcile import Gate, ScalingKeeper
from actuator.scaling.release import release_ceilings
from common.api.apps import DEPLOYMENTS
from common.api.core import ObjectReference, Pod
from common.api.meta import KubeObject
from common.api.names import ANNOTATION_CEILING, ANNOTATION_CEILINGS, FINALIZER_RELEASE
from common.api.policy import POLICIES
from common.kube.api_resources import ApiResources
from common.kube.client import Client
from common.kube.codec import decode_object
from common.kube.events import EventRecorder
from tests.fakes.clock import FakeClock

from .small_server import SmallServer

POLICY = "/apis/climatik.io/v1alpha1/namespaces/ns/powercappingpolicies/cap"
CHAT = "/apis/apps/v1/namespaces/ns/deployments/chat"
OTHER = "/apis/climatik.io/v1alpha1/namespaces/ns/powercappingpolicies/other"
HELD = {"original": 4, "ours": 2, "policy": "ns/cap", "since": "t"}
NOTE = json.dumps({"fields": {"/spec/replicas": HELD}, "of": "Deployment/chat"})


class Copies:
    """Local copies that show one Deployment as the server has it."""

    def __init__(self, server: SmallServer, client: Client) -> None:
        self.kinds = ApiResources(client, client.clock)
        self._server = server

    def on_change(self, wake: Any) -> None:
        pass

    def need(self) -> None:
        pass

    async def wait_synced(self) -> None:
        pass

    def held(self) -> Iterator[tuple[ObjectReference, KubeObject]]:
        if ANNOTATION_CEILING in self._server.annotations(CHAT):
            reference = ObjectReference(api_version="apps/v1", kind="Deployment", name="chat", namespace="ns")
            yield reference, self._chat()

    def find(self, reference: ObjectReference) -> KubeObject | None:
        return self._chat()

    def scalers(self, reference: ObjectReference) -> list[Any]:
        return []

    def living_pods(self, namespace: str, workload: str) -> list[Pod]:
        return []

    def _chat(self) -> KubeObject:
        return decode_object(DEPLOYMENTS, json.dumps(self._server.objects[CHAT]).encode())


def bounded() -> SmallServer:
    server = SmallServer()
    server.put(CHAT, {"metadata": {"annotations": {ANNOTATION_CEILING: NOTE}}, "spec": {"replicas": 2}})
    return server


def keeper(server: SmallServer) -> tuple[ScalingKeeper, FakeClock]:
    client, clock = server.client(), FakeClock()
    client.clock = clock
    events = EventRecorder(client, "test", clock)
    announcer = Announcer(CeilingMetrics(CollectorRegistry()), events, Journal())
    copies: Any = Copies(server, client)
    return ScalingKeeper(client, copies, announcer, Gate(GateSettings(), "home"), lambda: True), clock


def policy(server: SmallServer, name: str = "cap", **metadata: Any) -> Any:
    path = f"{POLICY.rpartition('/')[0]}/{name}"
    server.put(path, {"metadata": {"finalizers": [FINALIZER_RELEASE], **metadata}, "spec": {}})
    return decode_object(POLICIES, json.dumps(server.objects[path]).encode())


class Told:
    """The reasons of what is told."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @classmethod
    def by(cls, one: ScalingKeeper) -> Told:
        told = cls()
        one._announcer._event = lambda *said: told.seen.append(said[3])  # type: ignore[method-assign]
        return told


async def test_what_is_held_for_a_policy_that_is_gone_is_given_back() -> None:
    server = bounded()
    one, _ = keeper(server)
    one.tend([], frozenset())
    await one.round()
    assert server.spec(CHAT) == {"replicas": 4}
    assert ANNOTATION_CEILING not in server.annotations(CHAT)


async def test_a_policy_that_the_copy_does_not_show_yet_is_not_gone() -> None:
    server = bounded()
    policy(server)
    one, _ = keeper(server)
    one.tend([], frozenset())
    await one.round()
    assert server.spec(CHAT) == {"replicas": 2}


async def test_before_the_policies_are_known_nothing_is_done() -> None:
    server = bounded()
    one, _ = keeper(server)
    task = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert server.writes == []


async def test_a_policy_that_scales_no_more_gives_back_and_is_let_go() -> None:
    server = bounded()
    item = policy(server)  # mode Off
    one, clock = keeper(server)
    one.tend([item], frozenset())
    await one.round()
    assert server.spec(CHAT) == {"replicas": 4}
    clock.advance(SETTLED_SECONDS)
    await one.round()
    assert server.objects[POLICY]["metadata"]["finalizers"] == []


BROKEN = {
    "no JSON": "four",
    "a key that names nothing": '{"chat": {}}',
    "another shape": '{"apps/v1/Deployment/chat": 4}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
async def test_a_policy_whose_notes_cannot_be_read_is_kept_and_does_not_stop_the_others(text: str) -> None:
    """What it holds is not known: let go, counts would stay bounded for ever, and nobody would know why."""
    server = bounded()
    broken = policy(server, annotations={ANNOTATION_CEILINGS: text}, name="other")
    one, clock = keeper(server)
    told = Told.by(one)
    one.tend([broken], frozenset())
    for _ in range(2):
        await one.round()
        clock.advance(SETTLED_SECONDS)
    assert server.spec(CHAT) == {"replicas": 4}, "held for a policy that is gone"
    assert server.objects[OTHER]["metadata"]["finalizers"] == [FINALIZER_RELEASE]
    assert told.seen == ["UnreadableNote", "CeilingLifted"]


async def test_uninstalling_names_what_cannot_be_read_and_leaves_it() -> None:
    server = bounded()
    policy(server, annotations={ANNOTATION_CEILINGS: "four"}, name="other")
    client: Any = server.client()
    copies: Any = Copies(server, client)
    left = await release_ceilings(client, copies, FakeClock(), lambda: True)
    assert left == ["PowerCappingPolicy/ns/other"]
    assert server.objects[OTHER]["metadata"]["finalizers"] == [FINALIZER_RELEASE]
    assert server.spec(CHAT) == {"replicas": 4}
