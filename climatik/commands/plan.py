"""``climatik plan``: replicas and watts of each service under a cap, with the reason of each row."""

from __future__ import annotations

import argparse
import math
import sys

from climatik.commands import Command

_DESCRIPTION = """\
Plans replicas and watts per replica of the Deployments of a namespace (or of all) from what they do now, and
prints the plan with the reason of each row and what one more watt is worth. Changes nothing. Without --cap it
plans for the fewest joules per token.

--what-if shows the plan before and after a change, side by side; give it several times for several changes:
  cap=8000                    watts for all of them together
  price=0.30                  USD per kWh
  carbon=400                  grams of CO2 per kWh
  NAMESPACE/NAME.replicas=4   of one Deployment, exactly
  NAMESPACE/NAME.load=2500    tokens per second that its users ask for
  NAMESPACE/NAME.target=80    milliseconds between tokens, at most
  NAMESPACE/NAME.priority=10  higher comes first where watts are short
Price and carbon change costs in any case, and the plan where --watts-per-usd-hour or --watts-per-gco2-hour
gives them a weight.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cap", type=float, default=None, metavar="W", help="watts for all of them together")
    parser.add_argument("--namespace", "-n", default="", help="of the Deployments (default: all)")
    parser.add_argument(
        "--what-if", action="append", default=[], metavar="NAME=VALUE", help="a change, see above; repeatable"
    )
    parser.add_argument("--from-file", default="", metavar="FILE", help="plan from a snapshot, not a cluster")
    parser.add_argument("--save", default="", metavar="FILE", help="write a snapshot of what is planned from")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--watts-per-usd-hour", type=float, default=None, metavar="W",
                        help="watts worth spending to save a dollar an hour")  # fmt: skip
    parser.add_argument("--watts-per-gco2-hour", type=float, default=None, metavar="W",
                        help="watts worth spending to save a gram of CO2 an hour")  # fmt: skip
    parser.add_argument("--prometheus-url", default="", help="where load and watts are read")
    parser.add_argument(
        "--kubeconfig", default="", help="kubeconfig file (default: $KUBECONFIG, ~/.kube/config)"
    )


def _run(arguments: argparse.Namespace) -> int:
    if problem := _problem(arguments):
        sys.stderr.write(f"climatik: {problem}\n")
        return 2
    from climatik.plan.run import answer  # noqa: PLC0415 - other commands need no numpy

    return answer(arguments)


def _problem(arguments: argparse.Namespace) -> str:
    cap = arguments.cap
    if cap is not None and not 0 < cap < math.inf:
        return "--cap: must be a number of watts above 0; leave it out to plan without a cap"
    for flag in ("watts_per_usd_hour", "watts_per_gco2_hour"):
        value = getattr(arguments, flag)
        if value is not None and not 0 <= value < math.inf:
            return f"--{flag.replace('_', '-')}: must be a number of watts, 0 or more"
    return ""


COMMAND = Command(
    name="plan",
    summary="replicas and watts of each service under a cap, and why",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
