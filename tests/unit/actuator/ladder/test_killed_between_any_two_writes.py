"""SIGKILL between any two writes of a scenario: the next leader finishes it, and never exceeds the limits."""

from __future__ import annotations

import contextlib

import pytest

import actuator.input.webhook
from common.api.decisions import INTENDED
from tests.unit.actuator.killing import KilledError

from .world import CAP, World, conductor, verdicts

WINDOW = 600.0
LIMIT = 2
LIMITS = {"cluster_disruptions": LIMIT, "workload_disruptions": LIMIT, "disruption_window_seconds": WINDOW}
STEP = 5.0


@pytest.fixture(autouse=True)
def _healthy_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    async def well(*_: object) -> str:
        return ""

    monkeypatch.setattr(actuator.input.webhook, "probe_effect", well)


async def lead(world: World, seconds: float) -> None:
    """Leads until somebody kills it, or the time is up."""
    leader, ends = conductor(world, **LIMITS), world.seconds + seconds
    while world.seconds < ends:
        await leader.round()
        world.seconds += STEP


async def undisturbed() -> World:
    world = World()
    await lead(world, 3 * WINDOW)
    return world


async def test_the_scenario_itself() -> None:
    world = await undisturbed()
    assert world.draw <= CAP
    assert len(world.evictions) == 3
    assert world.most_in_any_window(WINDOW) == LIMIT
    assert verdicts(world)["Taken"] == 3


async def test_killed_at_every_write_before_and_after_it_lands() -> None:
    writes = (await undisturbed()).writes
    assert writes >= 6
    for number in range(writes):
        for landed in (False, True):
            world = World(kill=lambda n, after, number=number, landed=landed: (n, after) == (number, landed))
            with pytest.raises(KilledError):
                await lead(world, 3 * WINDOW)
            await lead(world, 3 * WINDOW)
            where = f"killed {'after' if landed else 'before'} write {number}"
            assert world.draw <= CAP, where
            assert len(world.evictions) == 3, where
            assert world.most_in_any_window(WINDOW) <= LIMIT, where
            assert INTENDED not in verdicts(world), where


async def test_killed_again_and_again_at_the_worst_moment() -> None:
    """Every leader dies right after its first eviction landed, before it could note that."""
    world = World()
    for _ in range(6):
        before = len(world.evictions)
        world.kill = lambda _n, landed, before=before: landed and len(world.evictions) > before
        with contextlib.suppress(KilledError):
            await lead(world, WINDOW / 2)
    assert world.most_in_any_window(WINDOW) <= LIMIT
    assert len(world.evictions) <= 3
