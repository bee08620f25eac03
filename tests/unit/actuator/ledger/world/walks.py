"""Many random walks, and the first that leads over the cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .books import OverTheCap
from .safeguards import INTACT, Safeguards
from .weather import FAIR
from .world import World

STEPS = 1200


def over_the_cap(
    seeds: Iterable[int],
    weather: Mapping[str, float] = FAIR,
    safeguards: Safeguards = INTACT,
    *,
    draw: bool = False,
) -> str:
    """Walks once for each seed; tells the first seed whose walk leads over the cap and where, or nothing.

    With ``draw``, what the nodes draw is checked too, from a settled world on (see :meth:`World.walk`).
    """
    for seed in seeds:
        world = World(seed, safeguards)
        if draw:
            world.settle()
        try:
            world.walk(STEPS, weather, draw=draw)
        except OverTheCap as found:
            return f"seed {seed}: {found}"
    return ""
