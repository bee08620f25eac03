"""``climatik algorithms``: which algorithms a policy may name, what they do, what they take."""

from __future__ import annotations

import argparse
import sys

from climatik.algorithms import backtest
from climatik.commands import Command
from common.algorithms.errors import AlgorithmError
from common.algorithms.protocol import Description, Parameter
from common.algorithms.registry import DEFAULT, find_algorithm, known_algorithms, third_parties

_DESCRIPTION = """\
Lists the algorithms that a PowerCappingPolicy may name in spec.customAlgorithms: those of climatik, and those
of installed packages (entry point group climatik.algorithms), which run in a process of their own.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="names, origins and what they do")
    show = actions.add_parser("show", help="one algorithm with its parameters")
    show.add_argument("name", help="as in customAlgorithms[].name")
    backtest.add_arguments(
        actions.add_parser(
            "backtest",
            help="replay recorded load under every algorithm, and rank them",
            description=backtest.EXPLANATION,
            epilog=backtest.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )


def _run(arguments: argparse.Namespace) -> int:
    try:
        if arguments.action == "backtest":
            return backtest.run_backtest(arguments)
        print(_listing() if arguments.action == "list" else _page(arguments.name))
    except AlgorithmError as error:
        sys.stderr.write(f"climatik: {error}\n")
        return 1
    return 0


def _listing() -> str:
    names = known_algorithms()
    width = max(len(name) for name in names)
    return "\n".join(f"{name:<{width}}  {_origin(name):<9}  {_summary(name)}" for name in names)


def _summary(name: str) -> str:
    try:
        return find_algorithm(name).description.summary
    except AlgorithmError as error:
        return f"cannot be used: {error}"


def _origin(name: str) -> str:
    offered = third_parties().get(name)
    if offered is not None:
        return offered.offer.package
    return "default" if name == DEFAULT else "built-in"


def _page(name: str) -> str:
    description = find_algorithm(name).description
    lines = [f"{description.name} ({_origin(name)})", "", description.summary, ""]
    lines += [f"looks at: {', '.join(description.inputs)}", ""] if description.inputs else []
    lines += [_parameter(one) for one in description.parameters] or ["takes no parameters"]
    return "\n".join([*lines, "", "in a policy:", *_example(description)])


def _parameter(one: Parameter) -> str:
    span = f"{one.minimum:g} to {one.maximum:g}"
    return f"  {one.name:<20} {one.meaning} (default {one.default:g}, {span})"


def _example(description: Description) -> list[str]:
    lines = ["  customAlgorithms:", f"    - name: {description.name}"]
    if description.parameters:
        chosen = ", ".join(f'{one.name}: "{one.default:g}"' for one in description.parameters)
        lines.append(f"      parameters: {{{chosen}}}")
    return lines


COMMAND = Command(
    name="algorithms",
    summary="the algorithms that a policy may name, their parameters, and how they do on recorded load",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
