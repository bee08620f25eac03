"""Measured times under limits, from rows of a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from common.models.slowdown.sweeps import Sweep

_LIMIT = ("power_limit", "limit_watts")
_SECONDS = ("seconds", "time_per_epoch")
_DRAW = ("average_power", "draw_watts")
_NO_KEY = frozenset((*_LIMIT, *_SECONDS, *_DRAW, "family"))
_FAMILY = ("family", "network", "workload")
_LEAST_LIMITS = 3


class TableError(ValueError):
    """The table is not what it should be; the message names line, column and remedy."""


@dataclass
class Measured:
    """Times of one workload.

    Attributes:
        name: The values of its columns, joined.
        family: What it resembles.
        seconds: By limit in watts.
        draw_watts: By limit in watts.
    """

    name: str
    family: str
    seconds: dict[float, float] = field(default_factory=dict)
    draw_watts: dict[float, float] = field(default_factory=dict)

    @property
    def uncapped_draw_watts(self) -> float:
        """Returns the draw under its highest limit."""
        return self.draw_watts[max(self.draw_watts)]

    @property
    def sweep(self) -> Sweep | None:
        """Returns the sweep; None for a workload with fewer than three limits."""
        limits = sorted(self.seconds)
        if len(limits) < _LEAST_LIMITS:
            return None
        seconds = np.array([self.seconds[limit] for limit in limits])
        return Sweep(self.family, np.array(limits), seconds, self.uncapped_draw_watts)


def read_table(lines: Iterable[str]) -> list[Measured]:
    """Reads comma-separated rows of one kind of GPU, with a header.

    Columns: ``power_limit`` or ``limit_watts`` (W), ``seconds`` or ``time_per_epoch`` (for the same work in
    all rows of a workload), ``average_power`` or ``draw_watts`` (W); all others together name the workload,
    and ``family``, ``network`` or ``workload``, the first there is, what it resembles.

    Raises:
        TableError: A column is missing, or a value is no number above 0.
    """
    rows = csv.DictReader(lines)
    header = list(rows.fieldnames or [])
    limit, seconds, draw = (_column(header, names) for names in (_LIMIT, _SECONDS, _DRAW))
    naming = [column for column in header if column not in _NO_KEY]
    family = next((column for column in _FAMILY if column in header), "")
    found: dict[str, Measured] = {}
    for number, row in enumerate(rows, 2):
        name = " ".join(row[column] or "" for column in naming) or "workload"
        one = found.setdefault(name, Measured(name, row[family] if family else name))
        watts = _positive(row, limit, number)
        one.seconds[watts] = _positive(row, seconds, number)
        one.draw_watts[watts] = _positive(row, draw, number)
    return list(found.values())


def _column(header: list[str], names: tuple[str, ...]) -> str:
    for name in names:
        if name in header:
            return name
    raise TableError(
        f"the header has no column {' or '.join(names)}; it has {', '.join(header) or 'nothing'}"
    )


def _positive(row: Mapping[str, str], column: str, number: int) -> float:
    try:
        value = float(row[column])
    except (TypeError, ValueError):
        value = 0.0
    if not 0 < value < float("inf"):
        raise TableError(f"line {number}, {column}: {row[column]!r} is no number above 0")
    return value
