"""Whatever is lost, late, reordered or restarted: no domain's nodes may come to draw more than its cap.

``CLIMATIK_WALKS`` sets the number of walks (nightly runs take more).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from .world.walks import STEPS, over_the_cap
from .world.weather import BY_HAND, CUTS, EMPTY_DISKS, MODES, NODES_GONE, RESTORES
from .world.world import World

WALKS = int(os.environ.get("CLIMATIK_WALKS", "48"))


@pytest.mark.timeout(60 + WALKS)
@pytest.mark.parametrize("part", range(4))
def test_no_walk_leads_over_the_cap(part: int) -> None:
    assert over_the_cap(range(part, WALKS, 4)) == ""


@pytest.mark.parametrize(
    "weather",
    [NODES_GONE, MODES, BY_HAND, EMPTY_DISKS, RESTORES],
    ids=["Node objects deleted", "modes changed", "objects deleted", "disks emptied", "stores restored"],
)
def test_nor_does_one_on_which_people_interfere(weather: Mapping[str, float]) -> None:
    assert over_the_cap(range(WALKS // 2), weather) == ""


def test_cuts_are_obeyed_whatever_grants_and_watches_lag() -> None:
    assert over_the_cap(range(WALKS // 2), CUTS, draw=True) == ""


def test_a_walk_gives_out_watts_at_all() -> None:
    world = World(7)
    world.walk(STEPS)
    assert world.granted()
    assert len(world.store.frequencies_history) > 20


@pytest.mark.parametrize("seed", range(12))
def test_grants_reach_what_fits_once_the_faults_stop(seed: int) -> None:
    world = World(seed)
    world.walk(STEPS)
    world.settle()
    sums = world.books.sums()
    for name, domain in world.store.domains.items():
        assert sums[name] <= domain.cap_watts
    for name, cap in (("room", 1900), ("row-a", 1300), ("row-b", 1000)):
        world.store.put_domain(_with_cap(world, name, cap))
    world.targets = {"n0": 450, "n1": 430, "n2": 410}
    world.settle()
    assert world.granted() == {name: max(watts, _base(world, name)) for name, watts in world.targets.items()}


def _with_cap(world: World, name: str, cap: int):
    from dataclasses import replace

    return replace(world.store.domains[name], cap_watts=cap)


def _base(world: World, name: str) -> int:
    budget = world.store.frequencies[name].budget
    assert budget is not None
    return budget.base_watts
