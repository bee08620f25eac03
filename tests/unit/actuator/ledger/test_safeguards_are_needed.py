"""Leaving out any one safeguard lets some walk over the cap: the walks do look where it matters.

What walks find too rarely has a story: epoch stamps in ``test_a_predecessors_late_raise.py``, stamps before
moves in ``test_a_predecessor_lowers_figures.py``, the note of a node's place in
``test_a_node_that_never_joined.py``, and doubt after a restore in ``test_restored_stores.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from .world import mutants
from .world.safeguards import INTACT
from .world.walks import over_the_cap
from .world.weather import BY_HAND, FAIR

WALKS = 250
# Each hunt makes the steps frequent that the safeguard is there for: a fair mix would find it too, later.
LATE_WRITES = {
    **FAIR,
    "take_over": 3,
    "give_up": 4,
    "new_targets": 3,
    "delete_object": 0,
    "reboot": 0,
    "move": 0,
}
SLOW_CACHES = {
    **LATE_WRITES,
    "take_over": 0,
    "give_up": 0,
    "advance_cache": 5,
    "new_targets": 6,
    "change_cap": 0,
}
REBOOTS = {
    **FAIR,
    "take_over": 0,
    "delete_object": 0,
    "reboot": 0.3,
    "move": 0,
    "new_targets": 3,
    "agent_step": 14,
}
CAPS = {
    **FAIR,
    "take_over": 0,
    "delete_object": 0,
    "reboot": 0,
    "move": 0,
    "new_targets": 3,
    "change_cap": 0.3,
}
MOVES = {**REBOOTS, "reboot": 0, "move": 0.4, "change_cap": 0}
LOST_OBJECTS = {**BY_HAND, "delete_object": 0, "move": 0}
TAKEOVERS_AND_MOVES = {**FAIR, "take_over": 2, "move": 0.15}

MUTANTS = {
    "reserve": (mutants.without_reserve, INTACT, FAIR),
    "pending raises": (mutants.without_pending, INTACT, CAPS),
    "own answered writes": (mutants.without_answered, INTACT, SLOW_CACHES),
    "room at every level": (mutants.without_levels, INTACT, CAPS),
    "release waits for room": (mutants.without_waiting_release, INTACT, FAIR),
    "version precondition": (None, replace(INTACT, version_precondition=False), FAIR),
    "confirm last": (None, replace(INTACT, confirm_last=False), CAPS),
    "agent memory": (None, replace(INTACT, agent_memory=False), FAIR),
    "figures cover a move": (mutants.without_covering_word, INTACT, MOVES),
    "G rises first": (mutants.without_granted_first, INTACT, CAPS),
    "former domain": (None, replace(INTACT, former_domain=False), MOVES),
    "limits are carried over": (None, replace(INTACT, limits_carried=False), BY_HAND),
    "what is held bounds the first grant": (mutants.without_held_watts, INTACT, LOST_OBJECTS),
    "boot identity": (None, replace(INTACT, boot_identity=False), REBOOTS),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_without_it_a_walk_leads_over_the_cap(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, safeguards, weather = MUTANTS[name]
    if mutate is not None:
        mutate(monkeypatch)
    assert over_the_cap(range(WALKS), weather, safeguards)


@pytest.mark.parametrize(
    "weather",
    [LATE_WRITES, SLOW_CACHES, REBOOTS, MOVES, TAKEOVERS_AND_MOVES],
    ids=["late", "slow", "boot", "move", "takeovers and moves"],
)
def test_with_all_of_them_the_same_hunts_find_nothing(weather: Mapping[str, float]) -> None:
    assert over_the_cap(range(10), weather) == ""
