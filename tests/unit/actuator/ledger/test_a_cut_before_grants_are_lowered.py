"""A cut binds in the one write of the domain, whatever grants are out there (rule 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actuator.ledger.writes import WriteBudget, WriteEnforcement

from .world import mutants
from .world.books import OverTheCap
from .world.rooms import PLACES
from .world.world import World

ROW = "row-a"
EVEN = {"n0": 500, "n1": 500, "n2": 100}
CUT_WATTS = 800


def _settled() -> World:
    world = World(1)
    world.targets = EVEN
    world.settle()
    return world


def _cut(world: World, watts: int) -> None:
    world.store.put_domain(replace(world.store.domains[ROW], cap_watts=watts))


def _agents_see_domains_only(world: World) -> None:
    for agent in world.agents.values():
        agent.list_domains()
        agent.apply()


def _cut_is_obeyed(world: World) -> None:
    """The leader's word of the cut has landed, its lower grants have not."""
    _cut(world, CUT_WATTS)
    world.leaders[0].catch_up()
    for flight in world.leaders[0].act(EVEN, world.seconds + 1):
        if isinstance(flight.write, WriteEnforcement):
            world.store.write(flight.write)
    _agents_see_domains_only(world)
    world.books.check_draw()


def _late_raise_is_covered(world: World) -> None:
    """The former leader's raise lands after a cut, and after the new leader's first word of the domain."""
    raising = world.leaders[0].act({**EVEN, "n0": 700}, world.seconds + 1)
    _cut(world, CUT_WATTS)
    world.take_over()
    newcomer = world.leaders[-1]
    newcomer.catch_up()
    for flight in newcomer.act(EVEN, world.seconds + 2):
        if isinstance(flight.write, WriteEnforcement):
            world.store.write(flight.write)
    for flight in raising:
        if isinstance(flight.write, WriteBudget):
            world.store.write(flight.write)
    for agent in world.agents.values():
        agent.list_now()
    _agents_see_domains_only(world)
    world.books.check_draw()


def _drawn(world: World) -> int:
    """What the nodes of the row draw together."""
    return sum(agent.hardware_watts for name, agent in world.agents.items() if PLACES[name] == ROW)


def test_agents_obey_the_cut_by_themselves() -> None:
    world = _settled()
    assert _drawn(world) > CUT_WATTS
    _cut_is_obeyed(world)
    assert _drawn(world) <= CUT_WATTS


def test_they_do_not_where_g_leaves_out_what_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _settled()
    mutants.without_reserves_in_granted(monkeypatch)
    with pytest.raises(OverTheCap):
        _cut_is_obeyed(world)


def test_a_predecessors_late_raise_is_scaled_with_the_others() -> None:
    world = _settled()
    _late_raise_is_covered(world)
    assert world.store.frequencies["n0"].budget.grant_watts == 700, "the raise landed"
    assert _drawn(world) <= CUT_WATTS


def test_it_is_not_where_g_falls_before_stamps_have_landed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _settled()
    mutants.without_keeping_granted(monkeypatch)
    with pytest.raises(OverTheCap):
        _late_raise_is_covered(world)
