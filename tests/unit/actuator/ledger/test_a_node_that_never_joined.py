"""A machine is moved, its budget has not followed, and its Node object is deleted: it counts where it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .world.books import OverTheCap
from .world.safeguards import INTACT
from .world.world import World

EVEN = {"n0": 350, "n1": 350, "n2": 350}


def _round(world: World, *reached: str) -> None:
    leader = world.leaders[-1]
    leader.catch_up()
    world.seconds += 1
    for flight in leader.act(world.targets, world.seconds):
        leader.ledger.record_answered(flight.write, world.store.write(flight.write))
    for name in reached:
        agent = world.agents[name]
        agent.list_now()
        agent.list_domains()
        agent.apply()
        agent.confirm()


def _play(world: World) -> None:
    for name, watts in (("room", 2500), ("row-b", 700)):
        world.store.put_domain(replace(world.store.domains[name], cap_watts=watts))
    world.targets = EVEN
    world.settle()
    world.targets = {**EVEN, "n1": 400}
    _round(world, "n0", "n2")  # n1 is silent from here on, so its budget cannot move
    world.physical["n1"] = "row-b"
    world.store.put_node("n1", replace(world.store.nodes["n1"], domain="row-b"))
    _round(world, "n0", "n2")
    world.store.put_node("n1", None)
    world.books.check()
    world.targets = {**EVEN, "n2": 900}
    for _ in range(10):
        _round(world, "n0", "n2")
        world.books.check()


def test_its_watts_are_not_given_to_others() -> None:
    world = World(1)
    _play(world)
    assert world.granted()["n2"] <= 350


def test_they_would_be_without_a_note_of_its_place() -> None:
    with pytest.raises(OverTheCap):
        _play(World(1, replace(INTACT, place_noted=False)))
