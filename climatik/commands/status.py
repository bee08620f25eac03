"""``climatik status``: domains, nodes and policies of the cluster at a glance."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from climatik.commands import Command
from climatik.status.read import read_snapshot
from climatik.status.render import render
from climatik.status.rows import Overview, overview, to_plain
from common.kube.client import Client
from common.kube.config_sources import load_config

_DESCRIPTION = """\
Shows what is capped and what is drawn.

  domains   cap in force, watts reserved by the actuator, watts drawn, age of the last heartbeat
  nodes     watts granted, watts that the devices are held to (as the agent read them back), watts drawn
  policies  mode, cap, draw, and what is advised

A dash means that nobody has reported it, or not lately. The agent of a node `obeys` its grant, or is
  pending      devices are being set, and watts are booked until it confirms
  cannot obey  the floors of its devices are above the grant
  degraded     a device failed or is somebody else's
  silent       no word for two minutes: limits stay as set, and fall to base when the lease is over
  releasing    hardware is being given back
`kubectl describe nodefrequencies NODE` says more.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kubeconfig", default="", help="kubeconfig file (default: $KUBECONFIG, ~/.kube/config)"
    )
    parser.add_argument("--context", default="", help="context in it (default: the current one)")
    parser.add_argument(
        "--output", "-o", choices=("table", "json"), default="table", help="json is for scripts"
    )


def _run(arguments: argparse.Namespace) -> int:
    shown = asyncio.run(_read(arguments.kubeconfig, arguments.context))
    if arguments.output == "json":
        print(json.dumps(to_plain(shown), indent=2))
    else:
        render(shown, sys.stdout)
    return 0


async def _read(kubeconfig: str, context: str) -> Overview:
    async with Client(load_config(kubeconfig, context), user_agent="climatik-cli") as client:
        return overview(await read_snapshot(client))


COMMAND = Command(
    name="status",
    summary="domains, nodes and policies: caps, grants, draw",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
