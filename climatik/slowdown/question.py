"""What is asked of the slowdown model: arguments and tables, read and checked."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.models.slowdown.table import Measured, TableError, read_table

_GRID = 9
_FOUR_LIMITS = 4


class UsageError(Exception):
    """The arguments do not fit together; the message names one and the remedy."""


class SweepsError(Exception):
    """The table cannot be read; the message names the flag, the file and what is wrong with it."""


@dataclass(frozen=True)
class Question:
    """What is asked, with everything read.

    Attributes:
        others: Measured workloads that the asked one is predicted from.
        limits: In watts, ascending.
        draw_watts: Of the workload without a limit.
        probes: Its own seconds, by limit in watts.
    """

    others: Sequence[Measured]
    limits: Sequence[float]
    draw_watts: float
    probes: Mapping[float, float]


def read_question(arguments: argparse.Namespace) -> Question:
    """Reads what the arguments name.

    Raises:
        UsageError: They do not fit together.
        SweepsError: The table cannot be read.
    """
    table = _read(arguments.sweeps) if arguments.sweeps else []
    own = _own(arguments.workload, table)
    limits = _limits(arguments.limits, table)
    draw = arguments.draw or (own.uncapped_draw_watts if own else None)
    if draw is None or not 0 < draw < math.inf:
        raise UsageError("--draw: say what the workload draws without a limit, in watts")
    others = [one for one in table if own is None or one.family != own.family]
    return Question(others, limits, draw, _probes(arguments.probes, own))


def _read(path: str) -> list[Measured]:
    try:
        return read_table(Path(path).read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise SweepsError(f"--sweeps: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SweepsError(f"--sweeps: {path} is no text in UTF-8: name a CSV file") from None
    except TableError as error:
        raise SweepsError(f"--sweeps: {path}: {error}") from None


def _own(name: str, table: Sequence[Measured]) -> Measured | None:
    if not name:
        return None
    found = next((one for one in table if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in table[:5]) or "none; give --sweeps"
        raise UsageError(f"--workload: {name} is not in the table; there are {names}")
    return found


def _limits(text: str, table: Sequence[Measured]) -> list[float]:
    if not text:
        known = sorted({limit for one in table for limit in one.seconds})
        if len(known) < _FOUR_LIMITS:
            raise UsageError("--limits: give the GPU's lowest and highest limit in watts, as 100:400")
        return known
    low, _, high = text.partition(":")
    lowest, highest = _number(low), _number(high)
    if not 0 < lowest < highest:
        raise UsageError(f"--limits: {text} is not LOW:HIGH in watts, as 100:400")
    return [lowest + (highest - lowest) * step / (_GRID - 1) for step in range(_GRID)]


def _probes(text: str, own: Measured | None) -> dict[float, float]:
    found = {}
    for part in filter(None, text.split(",")):
        limit, equals, seconds = part.partition("=")
        watts = _number(limit)
        taken = _number(seconds) if equals else (own.seconds.get(watts, 0.0) if own else 0.0)
        if not (watts > 0 and taken > 0):
            raise UsageError(f"--probes: {part} is not LIMIT=SECONDS, nor a limit of --workload in the table")
        found[watts] = taken
    return found


def _number(text: str) -> float:
    """Returns a finite number; 0 for what is none, which nothing here may be."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0
