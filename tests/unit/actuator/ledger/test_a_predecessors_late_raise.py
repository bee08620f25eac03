"""A raise that the former leader sent lands after the new one has begun to raise elsewhere (rule 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actuator.ledger.writes import Outcome, WriteBudget

from .world import mutants
from .world.books import OverTheCap
from .world.leader import Flight
from .world.world import World

LOW = {"n0": 350, "n1": 350, "n2": 100}


def _budget_flights(flights: list[Flight]) -> dict[str, Flight]:
    return {f.write.node: f for f in flights if isinstance(f.write, WriteBudget)}


def _others_land(world: World, flights: list[Flight], held_back: str) -> None:
    """Lands everything but the writes to one node, which are lost."""
    for flight in flights:
        lost = isinstance(flight.write, WriteBudget) and flight.write.node == held_back
        outcome = Outcome.UNKNOWN if lost else world.store.write(flight.write)
        flight.leader.ledger.record_answered(flight.write, outcome)


def _agents_obey(world: World) -> None:
    for agent in world.agents.values():
        agent.list_now()
        agent.apply()
        agent.confirm()


def _play(world: World) -> None:
    """The story; raises OverTheCap where the late raise does harm."""
    world.targets = LOW
    world.settle()
    world.store.put_domain(replace(world.store.domains["row-a"], cap_watts=1050))
    world.settle()
    old = world.leaders[-1]
    late = _budget_flights(old.act({**LOW, "n0": 700}, world.seconds + 1))["n0"]
    world.take_over()
    world.leaders = world.leaders[-1:]
    new = world.leaders[-1]
    for second in range(2, 8):
        new.catch_up()
        _others_land(world, new.act({**LOW, "n1": 700}, world.seconds + second), "n0")
        _agents_obey(world)
    world.books.check()
    world.store.write(late.write)
    world.books.check()


def test_it_does_no_harm() -> None:
    world = World(1)
    _play(world)
    assert world.granted()["n0"] == 700, "the late raise landed"
    assert world.books.sums()["row-a"] <= 1050


def test_without_epoch_stamps_it_leads_over_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.without_stamps(monkeypatch)
    with pytest.raises(OverTheCap):
        _play(World(1))


def test_a_stamp_that_landed_shuts_it_out() -> None:
    world = World(1)
    world.targets = LOW
    world.settle()
    old = world.leaders[-1]
    late = _budget_flights(old.act({**LOW, "n0": 600}, world.seconds + 1))["n0"]
    world.take_over()
    world.targets = {**LOW, "n1": 600}
    world.settle()
    before = world.granted()
    world.store.write(late.write)
    assert world.granted() == before == {"n0": 350, "n1": 600, "n2": 100}
