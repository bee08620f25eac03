"""The store is set back to an earlier state: nothing that was confirmed before counts (rules 1 and 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .world.safeguards import INTACT, Safeguards
from .world.world import OverTheCap, World

BEFORE = {"n0": 700, "n1": 350, "n2": 350}
LATER = {"n0": 720, "n1": 350, "n2": 350}
AFTER = {"n0": 350, "n1": 900, "n2": 350}


def _restored(safeguards: Safeguards = INTACT) -> World:
    """Watts have moved from n0 to n1 since the snapshot was taken; n1 cannot be reached any more."""
    world = World(1, safeguards)
    world.targets = BEFORE
    world.settle()
    world.take_snapshot()
    world.targets = AFTER
    world.settle()
    assert world.granted() == AFTER
    world.restore()
    world.check()
    return world


def _play(world: World, reached: tuple[str, ...] = ("n0", "n2")) -> None:
    leader = world.leaders[-1]
    for second in range(24):
        world.targets = BEFORE if second < 12 else LATER
        leader.catch_up()
        for flight in leader.act(world.targets, world.seconds + second):
            leader.ledger.record_answered(flight.write, world.store.write(flight.write))
            world.check()
        for name in reached:
            agent = world.agents[name]
            agent.list_now()
            agent.list_domains()
            agent.apply()
            agent.confirm()
            world.check()


def test_a_silent_node_counts_in_full_whatever_the_store_says_of_it() -> None:
    world = _restored()
    _play(world)
    budget = world.store.frequencies["n0"].budget
    assert budget is not None
    assert budget.grant_watts == budget.base_watts


def test_watts_come_back_once_all_have_confirmed() -> None:
    world = _restored()
    _play(world, reached=("n0", "n1", "n2"))
    assert world.granted() == LATER


def test_without_the_mark_two_nodes_obey_the_same_watts() -> None:
    with pytest.raises(OverTheCap):
        _play(_restored(replace(INTACT, restored_mark=False)))


def test_sequences_of_before_and_after_never_meet() -> None:
    world = _restored()
    _play(world)
    before = world.agents["n1"].memory
    after = world.store.frequencies["n1"].budget
    assert before is not None
    assert after is not None
    assert after.sequence >= world.store.sequence_floor > before.sequence
