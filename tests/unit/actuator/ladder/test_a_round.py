"""Rounds of the ladder against a cluster in memory: what is done, and what the gate keeps from being done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import actuator.input.webhook
from common.api.disruption import DisruptionBudgetSpec, DisruptionBudgetStatus, PodDisruptionBudget
from common.api.meta import ObjectMeta
from common.api.selector import LabelSelector

from .world import World, conductor

PROBLEM = {"text": ""}


@pytest.fixture(autouse=True)
def _webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(*_: object) -> str:
        return PROBLEM["text"]

    PROBLEM["text"] = ""
    monkeypatch.setattr(actuator.input.webhook, "probe_effect", answer)


async def rounds(world: World, seconds: float, **settings: object) -> World:
    leader, ends = conductor(world, **settings), world.seconds + seconds
    while world.seconds < ends:
        await leader.round()
        world.seconds += 2.0
    return world


async def test_a_breach_is_acted_on_well_within_half_a_minute() -> None:
    world = await rounds(World(), 30)
    assert world.evictions
    assert world.evictions[0] <= 20
    assert [one.expected_watts for one in world.record().decisions if one.verdict == "Taken"] == [100, 100]


async def test_nothing_happens_under_the_cap() -> None:
    world = await rounds(World(pods=2), 120)
    assert (world.evictions, world.writes) == ([], 1)


async def test_a_dry_run_writes_nothing() -> None:
    assert (await rounds(World(), 60, dry_run=True)).writes == 0


def _paused(world: World) -> None:
    world.annotations["climatik.io/pause"] = "true"


def _budget(world: World) -> None:
    world.budgets.append(
        PodDisruptionBudget(
            metadata=ObjectMeta(name="b", namespace="llm"),
            spec=DisruptionBudgetSpec(selector=LabelSelector()),
            status=DisruptionBudgetStatus(disruptions_allowed=0),
        )
    )


def _unhealthy(_: World) -> None:
    PROBLEM["text"] = "no answer within 2 s"


HELD: dict[str, tuple[Callable[[World], None], dict[str, object], str]] = {
    "paused": (_paused, {}, "PolicyPaused"),
    "webhook": (_unhealthy, {}, "WebhookUnavailable"),
    "disruption budget": (_budget, {}, "DisruptionBudget"),
    "no disruptions allowed": (lambda _: None, {"cluster_disruptions": 0}, "RateLimited"),
    "a young leader": (lambda _: None, {"warm_up_seconds": 900.0}, "WarmingUp"),
    "too little to gain": (lambda _: None, {"least_relief_watts": 101}, "NoRelief"),
}


@pytest.mark.parametrize("name", HELD)
async def test_the_gate_holds_and_says_why(name: str) -> None:
    spoil, settings, reason = HELD[name]
    world = World()
    spoil(world)
    await rounds(world, 60, **settings)
    assert world.evictions == []
    assert reason in {one.reason for one in world.record().decisions}


async def test_a_budget_that_says_no_is_left_alone_for_longer_and_longer() -> None:
    world = World()
    _budget(world)
    world.budgets = [
        PodDisruptionBudget(
            metadata=world.budgets[0].metadata,
            spec=world.budgets[0].spec,
            status=DisruptionBudgetStatus(disruptions_allowed=5),
        )
    ]
    world.refusing_budget = True
    await rounds(world, 200, cluster_disruptions=1_000, workload_disruptions=1_000)
    tries = [one for one in world.record().decisions if one.verdict == "Failed"]
    assert {one.reason for one in tries} == {"DisruptionBudget"}
    assert len({one.at for one in tries}) <= 6
    assert world.evictions == []


@pytest.mark.parametrize(("least", "left"), [(1, 1), (2, 2), (0, 0)])
async def test_the_last_replicas_stay_unless_the_policy_lets_them_go(least: int, left: int) -> None:
    world = World(pods=3)
    world.cap, world.least = 10, least
    await rounds(world, 60, workload_disruptions=9)
    assert len(world.live) == left


async def test_a_pod_that_was_stopped_is_neither_left_nor_stopped_again_while_the_local_copies_lag() -> None:
    world = World(pods=3)
    world.cap, world.least, world.copies = 10, 2, dict(world.live)
    await rounds(world, 60, workload_disruptions=9)
    assert len(world.live) == 2
    assert sum(one.count for one in world.record().disruptions) == 1


async def test_a_webhook_that_takes_its_time_makes_no_deed_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    async def slow(*_: object) -> str:
        world.seconds += 6.0
        return ""

    monkeypatch.setattr(actuator.input.webhook, "probe_effect", slow)
    await rounds(world, 60)
    assert len(world.evictions) == 2
    assert {one.reason for one in world.record().decisions if one.verdict != "Refused"} == {"Evicted"}


async def test_evictions_in_vain_come_to_an_end() -> None:
    """Every pod is back at once: after three actions without effect the rest are left alone for a while."""
    world = World(pods=10)
    world.cap = 950

    def replaced(_number: int, landed: bool) -> bool:
        while landed and len(world.live) < 10:
            name = f"again{len(world.evictions)}"
            world.live[name] = world.new_pod(name)
        return False

    world.kill = replaced
    await rounds(world, 590, disruption_window_seconds=10.0)
    assert len(world.evictions) == 3
    assert "NoEffect" in {one.reason for one in world.record().decisions}
