"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        id: Stable name, for scripts.
        severity: ``error`` where figures are wrong or absent, ``warning`` where they are late or incomplete.
        seen: What was seen, where.
        remedy: What to do.
    """

    id: str
    severity: Severity
    seen: str
    remedy: str


_SHOWN = 3


def some(names: list[str]) -> str:
    """Returns the first names and how many more there are."""
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
