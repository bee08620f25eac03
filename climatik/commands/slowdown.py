"""``climatik slowdown``: how much slower a workload runs under a power limit, and which it may run at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from climatik.commands import Command

if TYPE_CHECKING:
    from common.models.slowdown.model import SlowdownEstimate, SlowdownModel
    from common.models.slowdown.table import Measured

_DESCRIPTION = """\
Fits how workloads slow down under power limits to measured times, and answers for one workload: the curve, or
with --power-at-slowdown the lowest limit that it may run at, with its 90 % interval.

The table (--sweeps) is CSV of one kind of GPU with a header: power_limit (W), seconds or time_per_epoch (of
the same work), average_power (W); every other column names the workload, and workload, network or family says
what it resembles. With --workload one that is in the table is predicted from the others; its own times are
used where --probes names their limits, or from the command line as --probes 150=14.2,200=12.0. Without a
table the answer goes by what GPUs do in general.

examples:
  climatik slowdown --draw 280 --limits 100:400 --power-at-slowdown 0.05
  climatik slowdown --sweeps a40.csv --draw 230 --power-at-slowdown 0.05
  climatik slowdown --sweeps a40.csv --draw 230 --probes 150=14.2,200=12.0,300=11.5
"""
_GRID = 9
_FOUR_LIMITS = 4


class _UsageError(Exception):
    """The arguments do not fit together; the message names one and the remedy."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sweeps", default="", metavar="FILE", help="measured times of workloads, as CSV")
    parser.add_argument("--draw", type=float, metavar="W", help="mean draw of the workload without a limit")
    parser.add_argument(
        "--workload", default="", help="of the table, by its name there: left out and predicted"
    )
    parser.add_argument(
        "--probes",
        default="",
        metavar="W=S,…",
        help="own times by limit; with --workload limits alone will do",
    )
    parser.add_argument(
        "--limits", default="", metavar="LOW:HIGH", help="of the GPU in watts (default: those of the table)"
    )
    parser.add_argument(
        "--power-at-slowdown",
        type=float,
        metavar="SHARE",
        help="answer in watts: 0.05 for five percent slower",
    )


def _run(arguments: argparse.Namespace) -> int:
    from common.models.slowdown.table import TableError  # noqa: PLC0415 - other commands need no numpy

    try:
        print("\n".join(_answer(arguments)))
    except (OSError, TableError) as error:
        sys.stderr.write(f"climatik: --sweeps: {error}\n")
        return 1
    except _UsageError as error:
        sys.stderr.write(f"climatik: {error}\n")
        return 2
    return 0


@dataclass(frozen=True)
class _Question:
    """What is asked, with everything read."""

    model: SlowdownModel
    limits: Sequence[float]
    draw_watts: float
    probes: dict[float, float]
    basis: str


def _answer(arguments: argparse.Namespace) -> list[str]:
    share = arguments.power_at_slowdown
    if share is not None and not 0 <= share < 100:
        raise _UsageError("--power-at-slowdown: must be at least 0, as 0.05 for five percent")
    table = _read(arguments.sweeps) if arguments.sweeps else []
    question = _question(arguments, table)
    estimate = _estimate(question)
    lines = [question.basis]
    return lines + (_curve(estimate) if share is None else _watts(estimate, share))


def _read(path: str) -> list[Measured]:
    from common.models.slowdown.table import read_table  # noqa: PLC0415

    return read_table(Path(path).read_text(encoding="utf-8").splitlines())


def _question(arguments: argparse.Namespace, table: list[Measured]) -> _Question:
    own = _own(arguments.workload, table)
    others = [one for one in table if own is None or one.family != own.family]
    sweeps = [sweep for one in others if (sweep := one.sweep) is not None]
    limits = _limits(arguments.limits, table)
    draw = arguments.draw or (own.uncapped_draw_watts if own else None)
    if draw is None or not draw > 0:
        raise _UsageError("--draw: say what the workload draws without a limit, in watts")
    probes = _probes(arguments.probes, own)
    return _Question(_model(sweeps, limits), limits, draw, probes, _basis(len(sweeps), probes))


def _own(name: str, table: list[Measured]) -> Measured | None:
    if not name:
        return None
    found = next((one for one in table if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in table[:5]) or "none; give --sweeps"
        raise _UsageError(f"--workload: {name} is not in the table; there are {names}")
    return found


def _limits(text: str, table: list[Measured]) -> list[float]:
    if not text:
        known = sorted({limit for one in table for limit in one.seconds})
        if len(known) < _FOUR_LIMITS:
            raise _UsageError("--limits: give the GPU's lowest and highest limit in watts, as 100:400")
        return known
    low, _, high = text.partition(":")
    try:
        lowest, highest = float(low), float(high)
    except ValueError:
        lowest = highest = 0.0
    if not 0 < lowest < highest:
        raise _UsageError(f"--limits: {text} is not LOW:HIGH in watts, as 100:400")
    return [lowest + (highest - lowest) * step / (_GRID - 1) for step in range(_GRID)]


def _probes(text: str, own: Measured | None) -> dict[float, float]:
    found = {}
    for part in filter(None, text.split(",")):
        limit, equals, seconds = part.partition("=")
        try:
            watts = float(limit)
            found[watts] = float(seconds) if equals else (own.seconds[watts] if own else 0.0)
        except (ValueError, KeyError):
            found[0.0] = 0.0
        if not all(watts > 0 and taken > 0 for watts, taken in found.items()):
            raise _UsageError(
                f"--probes: {part} is not LIMIT=SECONDS, nor a limit of --workload in the table"
            )
    return found


def _model(sweeps: Sequence[object], limits: Sequence[float]) -> SlowdownModel:
    from common.models.slowdown.generic import generic_model  # noqa: PLC0415
    from common.models.slowdown.model import SlowdownModel  # noqa: PLC0415

    if len(sweeps) < 2:
        return generic_model(round(max(limits)))
    return SlowdownModel(sweeps)  # type: ignore[arg-type]


def _basis(sweeps: int, probes: dict[float, float]) -> str:
    like = f"{sweeps} measured workloads" if sweeps >= 2 else "what GPUs do in general"
    own = f"{len(probes)} probes of its own and " if probes else ""
    return f"from {own}{like}"


def _estimate(question: _Question) -> SlowdownEstimate:
    import numpy as np  # noqa: PLC0415

    limits = np.unique(np.array([*question.limits, *question.probes]))
    return question.model.estimate(limits, question.draw_watts, question.probes or None)


def _curve(estimate: SlowdownEstimate) -> list[str]:
    unlimited = estimate.expected[-1]
    rows = [f"{'limit W':>8}  {'slower %':>8}  {'from':>6}  {'to':>6}"]
    for limit, *ends in zip(
        estimate.limits_watts, estimate.expected, estimate.lower, estimate.upper, strict=True
    ):
        slower = [f"{100 * max(0.0, end / unlimited - 1):.1f}" for end in ends]
        rows.append(f"{limit:8.0f}  {slower[0]:>8}  {slower[1]:>6}  {slower[2]:>6}")
    return rows


def _watts(estimate: SlowdownEstimate, share: float) -> list[str]:
    from common.models.slowdown.inverse import watts_at_slowdown  # noqa: PLC0415

    found = watts_at_slowdown(estimate, share)
    return [
        f"at most {100 * share:g} % slower from {found.watts:.0f} W on"
        f" (90 % interval {found.lower:.0f} to {found.upper:.0f} W)"
    ]


COMMAND = Command(
    name="slowdown",
    summary="how much slower a workload runs under a power limit, and at which watts it may run",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
