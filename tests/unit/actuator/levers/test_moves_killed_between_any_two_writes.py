"""SIGKILL between any two writes of a move: the next leader finishes or undoes it; nothing stays reserved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from actuator.audit.metrics import LadderMetrics
from actuator.audit.teller import Teller
from actuator.ladder.action import Action, Rung
from actuator.levers.evict import EvictLever
from actuator.levers.migrate import MigrateLever, MigrationSettings
from actuator.levers.movers import Mover
from actuator.levers.place_store import PlaceStore
from actuator.placement.placeholder import ANNOTATION_KEEPER, placeholder_name
from common.api.core import Node, ObjectReference, Pod, PodSpec, PodStatus
from common.api.meta import ObjectMeta, OwnerReference
from common.api.placement import PlacedPod, PlacedSpec
from common.api.places import ANNOTATION_PLACES, LABEL_HOSTNAME, place_for, read_places
from common.api.policy import PolicySpec, PowerCappingPolicy
from common.kube.errors import (
    AlreadyExists,
    Conflict,
    NotFound,
    ServerError,
    Status,
    StatusDetails,
    TooManyRequests,
)
from tests.unit.actuator.killing import Killable, KilledError

BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
HOLD = timedelta(seconds=30)
OWNER = OwnerReference(kind="ReplicaSet", name="web-abc", uid="owner", controller=True)


class World(Killable):
    """Store, clock, scheduler, owner of the pods, and webhook; ``kill`` is asked around each write."""

    server_clock_offset_seconds = 0.0

    def __init__(self, kill: Callable[[int, bool], bool] = lambda _n, _landed: False) -> None:
        super().__init__(kill)
        self.seconds = 0.0
        self.clock = self
        self.version = 0
        self.budget_refuses = False
        self.no_place = False
        self.copies: dict[str, PlacedPod] | None = None
        """What the local copies show, where they lag."""
        self.leads = True
        self.steers = True
        self.annotations: dict[str, str] = {}
        self.placeholders: dict[str, Pod] = {}
        self.pods = {"web-1": _pod("web-1", "a")}

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def policy(self) -> PowerCappingPolicy:
        meta = ObjectMeta(
            name="cap", namespace="llm", uid="u", resource_version=str(self.version),
            annotations=self.annotations,
        )  # fmt: skip
        return PowerCappingPolicy(metadata=meta, spec=PolicySpec())

    def policies(self) -> list[PowerCappingPolicy]:
        return [self.policy()]

    def pods_in(self, namespace: str) -> list[PlacedPod]:
        return list((self.pods if self.copies is None else self.copies).values())

    async def get(self, resource: Any, name: str, namespace: str = "") -> Any:
        if resource.kind == "Node":
            return Node(metadata=ObjectMeta(name=name, labels={LABEL_HOSTNAME: name}))
        if resource.kind == "PowerCappingPolicy":
            if not name:
                raise ServerError(Status(code=500, reason="InternalError"))
            return self.policy()
        found = (self.pods if namespace == "llm" else self.placeholders).get(name)
        if found is None:
            raise NotFound(Status(code=404, reason="NotFound"))
        return found

    async def list(self, resource: Any, namespace: str = "", **_: Any) -> Any:
        pods = self.pods if namespace == "llm" else self.placeholders
        return SimpleNamespace(items=list(pods.values()))

    async def patch(self, resource: Any, name: str, body: dict[str, Any], namespace: str = "") -> Any:
        if body["metadata"]["resourceVersion"] != str(self.version):
            raise Conflict(Status(code=409, reason="Conflict"))
        value = body["metadata"]["annotations"][ANNOTATION_PLACES]
        return await self.written(lambda: self._annotate(value))

    async def create(self, resource: Any, body: dict[str, Any], namespace: str = "") -> Any:
        if body["metadata"]["name"] in self.placeholders:
            raise AlreadyExists(Status(code=409, reason="AlreadyExists"))
        return await self.written(lambda: self._hold(body))

    async def delete(self, resource: Any, name: str, namespace: str = "", **_: Any) -> None:
        if name not in self.placeholders:
            raise NotFound(Status(code=404, reason="NotFound"))
        await self.written(lambda: self.placeholders.pop(name, None))

    async def request(
        self, method: str, path: str, *, body: dict[str, Any], deadline_seconds: float
    ) -> bytes:
        name = path.split("/")[-2]
        if name not in self.pods:
            raise NotFound(Status(code=404, reason="NotFound"))
        if self.budget_refuses:
            raise TooManyRequests(Status(code=429, reason="TooManyRequests", details=StatusDetails()))
        await self.written(lambda: self._replace(name))
        return b"{}"

    def _annotate(self, value: str | None) -> None:
        self.version += 1
        self.annotations = {ANNOTATION_PLACES: value} if value else {}

    def _hold(self, body: dict[str, Any]) -> None:
        spec = PodSpec(node_name="" if self.no_place else "b")
        name = body["metadata"]["name"]
        self.placeholders[name] = Pod(metadata=ObjectMeta(name=name), spec=spec)

    def _replace(self, name: str) -> None:
        """The owner makes another pod, which the webhook leads, and the scheduler binds."""
        del self.pods[name]
        led = place_for(read_places(self.policy()).values(), "owner", self.now()) if self.steers else None
        where = "a" if led is None else led.node if placeholder_name("uid-web-1") in self.placeholders else ""
        follower = _pod(f"{name}x", where)
        if led is not None:
            spec = replace(follower.spec, node_selector={LABEL_HOSTNAME: led.hostname})
            follower = replace(follower, spec=spec)
            if where:
                self.placeholders.clear()  # preempted
        self.pods[f"{name}x"] = follower


ACTION = Action(
    key="MIGRATE/uid-web-1",
    rung=Rung.MIGRATE,
    policy=("llm", "cap"),
    target=ObjectReference(api_version="v1", kind="Pod", name="web-1", namespace="llm", uid="uid-web-1"),
    relief_watts=300,
    disruptions=1,
    reason="domain/a draws 900 W of 700 W",
    destination="b",
    node="a",
)


async def take(world: World) -> str:
    client: Any = world
    store = PlaceStore(client, "pause")
    lever = MigrateLever(client, store, EvictLever(client), MigrationSettings(HOLD))
    return (await lever.take(ACTION)).reason


async def next_leader(world: World, seconds: float = 60.0) -> list[str]:
    client: Any = world
    silent: Any = SimpleNamespace(event=lambda *_: None)
    teller = Teller(silent, LadderMetrics(CollectorRegistry()))
    store, reasons = PlaceStore(client, "pause"), []
    mover = Mover(client, store, EvictLever(client, lambda: world.leads), world, teller, lambda: True)
    ends = world.seconds + seconds
    while world.seconds < ends:
        await mover.round()
        reasons += [one.reason for one in mover.ended()]
        world.seconds += 1.0
    return reasons


def nothing_is_left(world: World) -> bool:
    return not world.annotations and not world.placeholders


async def test_the_scenario_itself() -> None:
    world = World()
    assert await take(world) == "Moving"
    assert await next_leader(world) == ["Migrated"]
    assert nothing_is_left(world)
    assert world.pods["web-1x"].spec.node_name == "b"


@pytest.mark.parametrize("steers", [True, False], ids=["led", "not led"])
async def test_killed_at_every_write_before_and_after_it_lands(steers: bool) -> None:
    whole = World()
    whole.steers = steers
    await take(whole)
    await next_leader(whole)
    assert whole.writes >= 4
    for number in range(whole.writes):
        for landed in (False, True):
            world = World(kill=lambda n, after, number=number, landed=landed: (n, after) == (number, landed))
            world.steers = steers
            with contextlib.suppress(KilledError):
                await take(world)
                await next_leader(world)
            await next_leader(world)
            where = f"killed {'after' if landed else 'before'} write {number}"
            assert nothing_is_left(world), where
            assert [pod.spec.node_name for pod in world.pods.values()] != [""], where


@pytest.mark.looptime
async def test_no_place_leaves_nothing() -> None:
    world = World()
    world.no_place = True
    assert await take(world) == "NoPlace"
    assert nothing_is_left(world)
    assert list(world.pods) == ["web-1"]


async def test_a_refused_eviction_leaves_nothing() -> None:
    world = World()
    world.budget_refuses = True
    assert await take(world) == "Overloaded"
    assert nothing_is_left(world)


async def test_a_replacement_that_cannot_have_its_place_is_made_anew() -> None:
    """When time is up its owner makes another."""
    world = await _stuck()
    assert await next_leader(world) == ["NotScheduled"]
    assert nothing_is_left(world)
    assert [pod.spec.node_name for pod in world.pods.values()] == ["a"]


async def test_a_stuck_replacement_is_not_forgotten_by_who_may_not_evict_it_now() -> None:
    """Struck out before that, the note would leave it waiting for a place that nobody keeps, for ever."""
    world = await _stuck()
    world.leads = False
    assert await next_leader(world) == []
    world.leads = True
    assert await next_leader(world, 5.0) == ["NotScheduled"]
    assert nothing_is_left(world)
    assert [pod.spec.node_name for pod in world.pods.values()] == ["a"]


async def _stuck() -> World:
    """A move whose placeholder vanished: the follower waits in vain."""
    world = World()
    await take(world)
    follower = world.pods["web-1x"]
    world.pods["web-1x"] = replace(follower, spec=replace(follower.spec, node_name=""))
    world.steers = False
    return world


LEFTOVERS = {
    "on another node": Pod(spec=PodSpec(node_name="c"), status=PodStatus(phase="Running")),
    "at its end": Pod(spec=PodSpec(node_name="b"), status=PodStatus(phase="Failed")),
    "on its way out": Pod(
        metadata=ObjectMeta(deletion_timestamp="2026-01-01T12:00:00Z"), spec=PodSpec(node_name="b")
    ),
}


@pytest.mark.parametrize("left", LEFTOVERS.values(), ids=LEFTOVERS)
async def test_a_placeholder_that_an_earlier_move_left_proves_no_place(left: Pod) -> None:
    world, name = World(), placeholder_name("uid-web-1")
    world.placeholders[name] = replace(left, metadata=replace(left.metadata, name=name))
    assert await take(world) == "NoPlace"
    assert list(world.pods) == ["web-1"]
    assert nothing_is_left(world)


async def test_a_pod_that_lagging_copies_still_show_was_evicted_all_the_same() -> None:
    world = World()
    world.copies = dict(world.pods)
    assert await take(world) == "Moving"
    assert await next_leader(world, 25.0) == []
    world.copies = None
    assert await next_leader(world, 2.0) == ["Migrated"]
    assert nothing_is_left(world)


async def test_a_placeholder_without_a_note_goes() -> None:
    world = World()
    world.placeholders["climatik-place-x"] = Pod(metadata=ObjectMeta(name="climatik-place-x"))
    await next_leader(world, 5.0)
    assert nothing_is_left(world)


async def test_one_that_cannot_be_looked_into_does_not_keep_the_others() -> None:
    world = World()
    for name, keeper in (("a", "/"), ("b", "llm/cap")):
        meta = ObjectMeta(name=f"climatik-place-{name}", annotations={ANNOTATION_KEEPER: keeper})
        world.placeholders[meta.name] = Pod(metadata=meta)
    await next_leader(world, 5.0)
    assert list(world.placeholders) == ["climatik-place-a"]


def _pod(name: str, on: str) -> PlacedPod:
    return PlacedPod(
        metadata=ObjectMeta(
            name=name, namespace="llm", uid=f"uid-{name}", owner_references=[OWNER],
            creation_timestamp="2026-01-01T12:00:00Z",
        ),
        spec=PlacedSpec(node_name=on, containers=[]),
        status=PodStatus(phase="Running"),
    )  # fmt: skip
