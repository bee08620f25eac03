"""Kubernetes quantities (``500m``, ``2``, ``1.5k``, ``1e3``, ``2Gi``) as numbers."""

from __future__ import annotations

import re
from typing import Any, Final

_FORM: Final = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$")
_SUFFIXES: Final = {
    "": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def parse_quantity(value: Any) -> float | None:
    """Returns the number that a quantity stands for, or None where it is none."""
    match = _FORM.match(str(value).strip())
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    if exponent:
        return float(number + exponent)
    return float(number) * _SUFFIXES[suffix or ""]


def whole_number(value: Any) -> int | None:
    """Returns a quantity as a whole number, or None where it is no non-negative whole number."""
    number = parse_quantity(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None
