"""``climatik explain``: what was decided about a pod, a policy or a node, and why."""

from __future__ import annotations

import argparse
import asyncio
import json

from climatik.commands import Command
from climatik.explain.read import read_facts, read_record
from climatik.explain.story import Story, tell, to_plain, to_text
from common.api.meta import object_key
from common.api.names import NAMESPACE
from common.kube.client import Client
from common.kube.config_sources import load_config

_DESCRIPTION = """\
Explains what the actuator decided about an object: each action taken or refused, what it rested on, what else
could have been done, and how many watts it was expected to free and did.

The record is a ConfigMap beside the actuator: it keeps the latest 250 decisions of the cluster.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("pod", "policy", "node"), help="what it is")
    parser.add_argument("name", help="what it is called")
    parser.add_argument("--namespace", "-n", default="default", help="of a pod or policy (default: default)")
    parser.add_argument(
        "--actuator-namespace", default=NAMESPACE, help=f"where the actuator runs (default: {NAMESPACE})"
    )
    parser.add_argument("--json", action="store_true", help="the same for scripts")
    parser.add_argument(
        "--kubeconfig", default="", help="kubeconfig file (default: $KUBECONFIG, ~/.kube/config)"
    )
    parser.add_argument("--context", default="", help="context in it (default: the current one)")


def _run(arguments: argparse.Namespace) -> int:
    story = asyncio.run(_read(arguments))
    print(json.dumps(to_plain(story), indent=2) if arguments.json else to_text(story))
    return 0


async def _read(arguments: argparse.Namespace) -> Story:
    kind, name = arguments.kind, arguments.name
    namespace = "" if kind == "node" else arguments.namespace
    config = load_config(arguments.kubeconfig, arguments.context)
    async with Client(config, user_agent="climatik-cli") as client:
        record, facts = await asyncio.gather(
            read_record(client, arguments.actuator_namespace), read_facts(client, kind, name, namespace)
        )
    return tell(record, kind, object_key(name, namespace), facts)


COMMAND = Command(
    name="explain",
    summary="what was decided about a pod, a policy or a node, and why",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
