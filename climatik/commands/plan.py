"""``climatik plan``: replicas and watts of each service under a cap, with the reason of each row."""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from climatik.commands import Command

if TYPE_CHECKING:
    from recommender.planner.plan import Plan, Row

_DESCRIPTION = """\
Plans replicas and watts per replica of the Deployments of a namespace (or of all) from what they do now, and
prints the plan. Changes nothing. Without --cap it plans for the fewest joules per token.
"""
_PIPE_WIDTH = 200


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cap", type=float, default=0.0, metavar="W", help="watts for all of them together")
    parser.add_argument("--namespace", "-n", default="", help="of the Deployments (default: all)")
    parser.add_argument("--prometheus-url", default="", help="where load and watts are read")
    parser.add_argument(
        "--kubeconfig", default="", help="kubeconfig file (default: $KUBECONFIG, ~/.kube/config)"
    )


def _run(arguments: argparse.Namespace) -> int:
    from recommender.planner.plan import CapTooLowError  # noqa: PLC0415 - other commands need no numpy

    if math.isnan(arguments.cap) or arguments.cap < 0:
        sys.stderr.write("climatik: --cap: must be a number of watts above 0\n")
        return 2
    try:
        plan = asyncio.run(_plan(arguments))
    except CapTooLowError as error:
        sys.stderr.write(f"climatik: {error}\n")
        return 1
    _print(plan)
    return 0


async def _plan(arguments: argparse.Namespace) -> Plan:
    from recommender.planner.config import PlannerSettings, weights_of  # noqa: PLC0415
    from recommender.planner.plan import make_plan  # noqa: PLC0415
    from recommender.planner.sources import Sources  # noqa: PLC0415

    settings = PlannerSettings(kubeconfig=arguments.kubeconfig, prometheus_url=arguments.prometheus_url)
    sources = Sources(settings)
    async with AsyncExitStack() as stack:
        await sources.prepare(stack)
        keys = [key for key in sources.services() if arguments.namespace in ("", key.namespace)]
        states = [state for key in keys if (state := sources.state(key)) is not None]
    weights = weights_of(settings)
    return make_plan(states, arguments.cap or math.inf, weights, exact_seconds=settings.exact_seconds)


def _print(plan: Plan) -> None:
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    table = Table(box=None, header_style="bold")
    for name in ("namespace", "deployment"):
        table.add_column(name)
    for name in ("now", "plan", "W each", "tokens/s", "ms/token", "J/token"):
        table.add_column(name, justify="right")
    table.add_column("reason")
    for row in plan.rows:
        table.add_row(*_cells(row))
    console.print(table if plan.rows else "No Deployments.")
    cap = f" of {plan.cap_watts:.0f} W" if math.isfinite(plan.cap_watts) else ", no cap"
    worth = f"one more watt serves {plan.tokens_per_watt:.2f} tokens/s (weighted by priority)"
    console.print(f"{plan.watts:.0f} W planned{cap}; {worth}; proven gap {100 * plan.gap:.2f} %")


def _cells(row: Row) -> list[str]:
    service, option = row.service, row.option
    start = [service.key.namespace, service.key.name, str(service.replicas), str(row.replicas)]
    if option is None:
        return [*start, "-", "-", "-", "-", row.reason]
    measured = service.model is not None and option.tokens_per_second > 0
    milliseconds = 1000 * option.seconds_between_tokens
    return [
        *start,
        f"{option.replica_watts:.0f}",
        f"{option.tokens_per_second:.0f}" if measured else "-",
        f"{milliseconds:.0f}" if math.isfinite(milliseconds) else "-",
        f"{option.expected_watts / option.tokens_per_second:.2f}" if measured else "-",
        row.reason,
    ]


COMMAND = Command(
    name="plan",
    summary="replicas and watts of each service under a cap, and why",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
