"""Finding the clock that a watt limit leaves to a device."""

from __future__ import annotations

from collections.abc import Callable

_HALVINGS = 12
"""2000 MHz halved twelve times is under 0.5 MHz, finer than any device's clock step."""


def highest_within(draw_at: Callable[[float], float], limit_watts: float, low: float, high: float) -> float:
    """Returns the highest clock in a range at which a rising draw stays within a limit, or ``low``."""
    if draw_at(high) <= limit_watts:
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if draw_at(middle) <= limit_watts:
            low = middle
        else:
            high = middle
    return low
