"""A raise that is still on its way lowers nobody: watts are not taken back for a reason that will pass."""

from __future__ import annotations

from actuator.ledger.writes import WriteBudget

from .world.world import World

EVEN = {"n0": 350, "n1": 350, "n2": 350}


def test_a_raise_in_flight_does_not_lower_others() -> None:
    world = World(1)
    world.targets = EVEN
    world.settle()
    leader, wanted = world.leaders[-1], {**EVEN, "n0": 900}
    first = leader.act(wanted, world.seconds + 1)
    meanwhile = leader.act(wanted, world.seconds + 2)
    assert [flight.write.node for flight in first if isinstance(flight.write, WriteBudget)] == ["n0"]
    assert [flight.write for flight in meanwhile if isinstance(flight.write, WriteBudget)] == []
