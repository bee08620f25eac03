"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterable


def watts(value: float) -> str:
    """Returns watts with a thousands separator: ``12,300 W``."""
    return f"{round(value):,} W"


def percent(part: float, whole: float) -> str:
    """Returns a share as ``93 %``; of nothing it is 0."""
    return f"{round(100 * part / whole) if whole else 0} %"


def counted(number: int, noun: str) -> str:
    """Returns ``1 pod`` or ``3 pods``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def listed(names: Iterable[str], most: int = 5) -> str:
    """Returns the first names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def span(low: float, high: float) -> str:
    """Returns ``300 W``, or ``250 W to 300 W`` where the ends differ."""
    return watts(low) if round(low) == round(high) else f"{watts(low)} to {watts(high)}"
