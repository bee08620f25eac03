"""Leaving out any one safeguard lets some walk over the cap: the walks do look where it matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .world import mutants
from .world.safeguards import INTACT, Safeguards
from .world.world import OverTheCap, World

WALKS = 400
STEPS = 1500

MUTANTS = {
    "reserve": (mutants.without_reserve, INTACT),
    "pending raises": (mutants.without_pending, INTACT),
    "own answered writes": (mutants.without_answered, INTACT),
    "epoch stamps": (mutants.without_stamps, INTACT),
    "room at every level": (mutants.without_levels, INTACT),
    "release waits for room": (mutants.without_waiting_release, INTACT),
    "version precondition": (None, replace(INTACT, version_precondition=False)),
    "lower epoch refused": (None, replace(INTACT, lower_epoch_refused=False)),
    "confirm last": (None, replace(INTACT, confirm_last=False)),
    "agent memory": (None, replace(INTACT, agent_memory=False)),
    "former domain": (None, replace(INTACT, former_domain=False)),
    "boot identity": (None, replace(INTACT, boot_identity=False)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_without_it_a_walk_leads_over_the_cap(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, safeguards = MUTANTS[name]
    if mutate is not None:
        mutate(monkeypatch)
    assert _seed_that_fails(safeguards) is not None


def _seed_that_fails(safeguards: Safeguards) -> int | None:
    for seed in range(WALKS):
        try:
            World(seed, safeguards).walk(STEPS)
        except OverTheCap:
            return seed
    return None
