"""A million random steps of the whole protocol, in seven kinds of weather, with the books checked after each.

``CLIMATIK_WALKS`` sets the number of walks per weather; the steps that were taken are printed (``-s``).
"""

from __future__ import annotations

import os
import time

import pytest

from tests.unit.actuator.ledger.world.walks import STEPS, over_the_cap
from tests.unit.actuator.ledger.world.weather import (
    BY_HAND,
    CUTS,
    EMPTY_DISKS,
    FAIR,
    MODES,
    NODES_GONE,
    RESTORES,
)

WALKS = int(os.environ.get("CLIMATIK_WALKS", "125"))
WEATHERS = {
    "fair": FAIR,
    "cuts": CUTS,
    "Node objects deleted": NODES_GONE,
    "modes changed": MODES,
    "objects deleted by hand": BY_HAND,
    "disks emptied": EMPTY_DISKS,
    "restored stores": RESTORES,
}


@pytest.mark.timeout(60 + 2 * WALKS)
@pytest.mark.parametrize("name", WEATHERS)
def test_no_step_leads_over_the_cap(name: str) -> None:
    started, weather = time.perf_counter(), WEATHERS[name]
    assert over_the_cap(range(1000, 1000 + WALKS), weather, draw=weather is CUTS) == ""
    print(f"{name}: {WALKS * STEPS:,} steps in {time.perf_counter() - started:.0f} s")  # noqa: T201
