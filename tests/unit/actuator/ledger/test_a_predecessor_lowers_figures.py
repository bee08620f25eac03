"""A predecessor's lower figures land after the new leader has moved a node under its higher ones (rule 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actuator.ledger.writes import Outcome, WriteBudget, WriteEnforcement

from .world import mutants
from .world.books import OverTheCap
from .world.leader import Flight
from .world.world import World

ROW = "row-b"
EVEN = {"n0": 350, "n1": 350, "n2": 350}


def _label(world: World, domain: str) -> None:
    world.physical["n1"] = domain
    world.store.put_node("n1", replace(world.store.nodes["n1"], domain=domain))
    world.leaders[-1].catch_up()


def _words(flights: list[Flight]) -> list[Flight]:
    return [f for f in flights if isinstance(f.write, WriteEnforcement) and f.write.domain == ROW]


def _play(world: World) -> None:
    """The story; raises OverTheCap where more may be obeyed than the row's figures say."""
    world.targets = EVEN
    world.settle()
    old = world.leaders[-1]
    _label(world, ROW)
    for flight in old.act(EVEN, world.seconds + 1):  # the figures rise, for the node that comes
        outcome = world.store.write(flight.write) if flight in _words([flight]) else Outcome.UNKNOWN
        old.ledger.record_answered(flight.write, outcome)
    _label(world, "row-a")
    (late,) = _words(old.act(EVEN, world.seconds + 2))  # it does not come: they are to fall again
    _label(world, ROW)
    world.take_over()
    new = world.leaders[-1]
    for flight in new.act(EVEN, world.seconds + 3):
        if isinstance(flight.write, WriteBudget):
            world.store.write(flight.write)
    world.store.write(late.write)
    world.books.check_word(ROW)


def test_no_node_moves_under_figures_that_may_still_fall() -> None:
    world = World(1)
    _play(world)
    word, here = world.store.domains[ROW].published, _bases_obeyed(world)
    assert word is not None
    assert 0 < here <= word.base_watts


def _bases_obeyed(world: World) -> int:
    """The bases of the nodes that count under the row now."""
    budgets = (state.budget for state in world.store.frequencies.values())
    return sum(budget.base_watts for budget in budgets if budget is not None and budget.domain == ROW)


def test_it_would_without_waiting_for_the_stamps(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.without_stamps_before_moves(monkeypatch)
    with pytest.raises(OverTheCap):
        _play(World(1))
