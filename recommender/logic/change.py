"""Whether a status has changed enough to be worth a write: measured watts never stand still."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_TIMES = frozenset({"lastUpdated", "lastTransitionTime"})
_BESIDE = frozenset({"attribution", "millijoulesPerToken", "millijoulesPerRequest", "ranSeconds"})
"""Small differences of large numbers, which never stand still: written along with the rest, or with time."""
_EXACT = frozenset({"observedGeneration", "effectiveCapWatts", "capWatts"})
"""What people set, echoed: 4,000 W and 4,001 W are not nearly the same order."""
_RELATIVE = 0.02
_ABSOLUTE = 2.0


def is_material(old: Any, new: Any) -> bool:
    """Tells whether two JSON values differ beyond 2 % (or 2) in a number, or in anything else.

    Numbers inside of sentences count as numbers. Times of writing are ignored.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        keys = (old.keys() | new.keys()) - _TIMES - _BESIDE
        return any(_field_is_material(key, old.get(key), new.get(key)) for key in keys)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) != len(new) or any(map(is_material, old, new))
    if _is_number(old) and _is_number(new):
        return _far(old, new)
    if isinstance(old, str) and isinstance(new, str) and old != new:
        return _texts_differ(old, new)
    return bool(old != new)


def _field_is_material(name: str, old: Any, new: Any) -> bool:
    return bool(old != new) if name in _EXACT else is_material(old, new)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _far(old: float, new: float) -> bool:
    return abs(new - old) > max(_ABSOLUTE, _RELATIVE * max(abs(old), abs(new)))


def _texts_differ(old: str, new: str) -> bool:
    if _NUMBER.sub("", old) != _NUMBER.sub("", new):
        return True
    return any(map(_far, _numbers(old), _numbers(new)))


def _numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in _NUMBER.findall(text)]
