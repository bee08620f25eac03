"""The store is set back to an earlier state: nothing that was confirmed before counts (rules 1 and 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actuator.ledger.pending import InFlight, prune_domains
from actuator.ledger.views import LedgerView
from actuator.ledger.writes import Outcome, WriteBudget, WriteEnforcement
from common.api.domain import Enforcement

from .world.books import OverTheCap
from .world.safeguards import INTACT, Safeguards
from .world.world import World

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
    world.books.check()
    return world


def _play(world: World, reached: tuple[str, ...] = ("n0", "n2")) -> None:
    leader = world.leaders[-1]
    for second in range(24):
        world.targets = BEFORE if second < 12 else LATER
        leader.catch_up()
        for flight in leader.act(world.targets, world.seconds + second):
            leader.ledger.record_answered(flight.write, world.store.write(flight.write))
            world.books.check()
        for name in reached:
            agent = world.agents[name]
            agent.list_now()
            agent.list_domains()
            agent.apply()
            agent.confirm()
            world.books.check()


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


def test_a_node_that_confirms_what_the_store_has_forgotten_starts_from_its_base() -> None:
    world = _restored(replace(INTACT, restored_mark=False))
    ahead = world.agents["n0"]
    ahead.confirm()
    leader = world.leaders[-1]
    leader.catch_up()
    writes = {
        w.node: w for w in leader.act(BEFORE, world.seconds) for w in [w.write] if isinstance(w, WriteBudget)
    }
    budget = writes["n0"].budget
    assert ahead.memory is not None
    assert budget.sequence > ahead.memory.sequence
    assert budget.grant_watts == budget.base_watts


def test_a_leader_that_ran_on_goes_on_with_its_heartbeats() -> None:
    """Its last write to the domain built upon a version that the store has forgotten, and will never pass."""
    room = World(1, INTACT).store.domains["row-a"]
    write = WriteEnforcement(room.name, room.uid, room.version + 30, Enforcement())
    caps: InFlight[WriteEnforcement] = InFlight()
    caps.sent(room.name, write)
    caps.answered(room.name, write, Outcome.SETTLED)
    prune_domains(caps, LedgerView({}, {room.name: room}, 1))
    assert not caps.is_busy(room.name)
    assert caps.of(room.name) == []
