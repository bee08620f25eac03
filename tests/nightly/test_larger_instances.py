"""Stories too large for every run: all interleavings, or as many as ``CLIMATIK_SEARCH_STATES`` allows."""

from __future__ import annotations

import os
import time

import pytest

from tests.unit.actuator.ledger.search.breadth_first import search
from tests.unit.actuator.ledger.search.instance import Instance, Story
from tests.unit.actuator.ledger.world.safeguards import INTACT

STATES = int(os.environ.get("CLIMATIK_SEARCH_STATES", "2000000"))
STILL = ((500, 500),)
STORIES = {
    "one cut, one takeover": Story((500, 500), STILL, takeovers=1, crashes=0, astray=0, cut_to=600),
    "watts move, one takeover": Story((300, 300), ((700, 300),), takeovers=1, crashes=0, astray=0),
    "watts move, a cut, a crash, a lost write": Story((500, 500), ((700, 300),), 0, 1, 1, 600),
    "everything, without bound": Story((400, 400), ((700, 300), (300, 700)), takeovers=1, crashes=1),
}


@pytest.mark.timeout(120 + STATES // 2000)
@pytest.mark.parametrize("name", STORIES)
def test_no_way_leads_over_the_cap(name: str) -> None:
    started = time.perf_counter()
    found = search(Instance(STORIES[name], INTACT), STATES)
    extent = "all of them" if found.complete else f"to depth {found.depth}"
    print(f"{name}: {found.states:,} states, {extent}, {time.perf_counter() - started:.0f} s")  # noqa: T201
    assert not found.wrong, found
    assert found.complete or found.states >= STATES
