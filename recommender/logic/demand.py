"""What nodes and devices would like to draw: what is expected and a margin, and more where they are held."""

from __future__ import annotations

import math
from collections.abc import Mapping

from recommender.model.board import HELD_AT

MARGIN = 1.10
"""Between what is expected and what is asked for: limits are no instantaneous bounds, and meters err."""
HELD_GROWTH = 1.25
"""What a held device asks for, relative to its draw; it finds its level within a few cycles."""
STEP_WATTS = 10
"""Asks are rounded up to this, so that noise does not move plans."""


def ask_watts(expected_watts: float, draw_watts: float, limit_watts: float, ceiling_watts: int) -> int:
    """Returns what is asked for, in whole steps, at most the ceiling.

    Args:
        expected_watts: Upper bound of the draw to come.
        draw_watts: Present draw.
        limit_watts: What it is held to now; 0 for nothing.
        ceiling_watts: The most that it can use.
    """
    ask = max(expected_watts, draw_watts) * MARGIN
    if limit_watts and draw_watts >= HELD_AT * limit_watts:
        ask = max(ask, draw_watts * HELD_GROWTH)
    steps = math.ceil(round(ask / STEP_WATTS, 6))  # rounded first: 400 x 1.1 is a little over 440
    return min(steps * STEP_WATTS, ceiling_watts)


def split_by_priority(extra_watts: int, draw_by_priority: Mapping[int, float]) -> dict[int, int]:
    """Splits what a node asks for beyond its floor over the priorities of its pods, by their draw.

    The odd watts go to the highest priority. A node without attributed pods asks at priority 0.
    """
    total = sum(draw_by_priority.values())
    if total <= 0:
        return {0: extra_watts}
    shares = {level: int(extra_watts * part / total) for level, part in draw_by_priority.items()}
    highest = max(shares)
    shares[highest] += extra_watts - sum(shares.values())
    return shares
