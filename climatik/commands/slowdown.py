"""``climatik slowdown``: how much slower a workload runs under a power limit, and which it may run at."""

from __future__ import annotations

import argparse
import sys

from climatik.commands import Command

_DESCRIPTION = """\
Fits how workloads slow down under power limits to measured times, and answers for one workload: the curve, or
with --power-at-slowdown the lowest limit that it may run at, with its 90 % interval.

The table (--sweeps) is CSV of one kind of GPU with a header: power_limit (W), seconds or time_per_epoch (of
the same work), average_power (W); every other column names the workload, and workload, network or family says
what it resembles. With --workload one that is in the table is predicted from the others; its own times are
used where --probes names their limits, or from the command line as --probes 150=14.2,200=12.0. Without a
table the answer goes by what GPUs do in general, which leaves a wide interval.

examples:
  climatik slowdown --draw 280 --limits 100:400 --power-at-slowdown 0.05
  climatik slowdown --sweeps a40.csv --draw 230 --power-at-slowdown 0.05
  climatik slowdown --sweeps a40.csv --draw 230 --probes 150=14.2,200=12.0,300=11.5

exit status: 0 answered, 1 the table cannot be read, 2 wrong usage
"""


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
    from climatik.slowdown.answer import answer  # noqa: PLC0415 - other commands need no numpy
    from climatik.slowdown.question import SweepsError, UsageError, read_question  # noqa: PLC0415

    share = arguments.power_at_slowdown
    try:
        if share is not None and not 0 <= share < 100:
            raise UsageError("--power-at-slowdown: must be at least 0, as 0.05 for five percent")
        print("\n".join(answer(read_question(arguments), share)))
    except SweepsError as error:
        sys.stderr.write(f"climatik: {error}\n")
        return 1
    except UsageError as error:
        sys.stderr.write(f"climatik: {error}\n")
        return 2
    return 0


COMMAND = Command(
    name="slowdown",
    summary="how much slower a workload runs under a power limit, and at which watts it may run",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
