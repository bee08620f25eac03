"""Kubernetes quantities (``500m``, ``2``, ``1.5k``, ``1e3``, ``2Gi``) as numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

_FORM: Final = re.compile(
    r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$", re.ASCII
)
_SUFFIXES: Final = {
    "": Decimal(1),
    **{name: Decimal(1000) ** power for name, power in (("n", -3), ("u", -2), ("m", -1))},
    **{name: Decimal(1000) ** power for power, name in enumerate("kMGTPE", 1)},
    **{f"{name}i": Decimal(1024) ** power for power, name in enumerate("KMGTPE", 1)},
}
_BOUND: Final = Decimal(2**63)
"""Kubernetes keeps quantities under it."""


def parse_quantity(value: Any) -> float | None:
    """Returns the number that a quantity stands for, or None where it is none."""
    exact = _exact(value)
    return None if exact is None else float(exact)


def whole_number(value: Any) -> int | None:
    """Returns a quantity as a whole number, or None where it is no non-negative whole number."""
    exact = _exact(value)
    return int(exact) if exact is not None and exact >= 0 and exact == exact.to_integral_value() else None


def _exact(value: Any) -> Decimal | None:
    match = _FORM.match(str(value).strip())
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    exact = Decimal(number + (exponent or "")) * _SUFFIXES[suffix or ""]
    return exact if abs(exact) < _BOUND else None
