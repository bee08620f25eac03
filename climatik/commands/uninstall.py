"""``climatik uninstall``: gives everything back, caps last, and proves it."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from climatik.commands import Command
from climatik.uninstall.compare import Row, compare, to_plain
from climatik.uninstall.read import read_all
from climatik.uninstall.release import ACCOUNT, release, stop_actuator
from climatik.uninstall.traces import Trace, traces
from common.api.names import NAMESPACE
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.errors import KubeError

EXIT_LEFT = 3

_DESCRIPTION = """\
Gives back every replica ceiling, place, taint and device setting, in this order, so that caps hold to the
last; then compares what was there before with what is there now.

It stops the actuator first (scales its Deployment to 0); agents have to run, as they alone can give
hardware back. No cap is held any more afterwards.

exit status: 0 everything is as it was, 3 something is not (the table says what), 1 no answer, 2 wrong usage
"""
_NEXT = """\
What is left is software: kubectl delete -k deploy/manifests/workloads; kubectl delete -f crds/
Pods keep the watts that they request until they are made anew.
"""
_STOPPED = (
    "climatik: the actuator is stopped, and not everything may be given back: run this again, or:"
    f" kubectl -n {{}} scale deployment {ACCOUNT} --replicas=1\n"
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would be given back")
    parser.add_argument("--json", action="store_true", help="the table for scripts")
    parser.add_argument(
        "--actuator-namespace", default=NAMESPACE, help=f"where the actuator runs (default: {NAMESPACE})"
    )
    parser.add_argument(
        "--deadline-seconds", type=float, default=120.0, help="how long agents have to confirm (default: 120)"
    )
    parser.add_argument(
        "--kubeconfig", default="", help="kubeconfig file (default: $KUBECONFIG, ~/.kube/config)"
    )
    parser.add_argument("--context", default="", help="context in it (default: the current one)")


def _run(arguments: argparse.Namespace) -> int:
    if not 0 < arguments.deadline_seconds < math.inf:
        sys.stderr.write("climatik: --deadline-seconds: must be a number of seconds above 0\n")
        return 2
    return asyncio.run(_uninstall(arguments))


async def _uninstall(arguments: argparse.Namespace) -> int:
    config = load_config(arguments.kubeconfig, arguments.context)
    async with Client(config, user_agent="climatik-cli") as client:
        before = traces(await read_all(client))
        if arguments.dry_run:
            _show([_planned(trace) for trace in before], as_json=arguments.json)
            return 0
        await stop_actuator(client, arguments.actuator_namespace)
        try:
            status = await release(client, arguments.actuator_namespace, arguments.deadline_seconds)
            rows = compare(before, await read_all(client))
        except KubeError:
            sys.stderr.write(_STOPPED.format(arguments.actuator_namespace))
            raise
    _show(rows, as_json=arguments.json)
    well = status == 0 and all(row.well for row in rows)
    if well and not arguments.json:
        print(_NEXT, end="")
    return 0 if well else EXIT_LEFT


def _planned(trace: Trace) -> Row:
    after = trace.present if trace.stays else trace.original or "gone"
    return Row(trace.object, trace.what, trace.present, after, "would stay" if trace.stays else "would go")


def _show(rows: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(to_plain(rows), indent=2))
        return
    if not rows:
        print("Nothing is to be given back: climatik holds no device, replica count or taint here.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("OBJECT", "WHAT", "BEFORE", "AFTER", "VERDICT"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(row.object, row.what, row.before, row.after, row.verdict)
    Console(file=sys.stdout).print(table)


COMMAND = Command(
    name="uninstall",
    summary="give everything back, caps last, and prove it",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
