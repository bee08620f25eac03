"""The webhook's server with made-up knowledge, as a process of its own: no API server takes its time."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from prometheus_client import CollectorRegistry

from admission.metrics import AdmissionMetrics
from admission.nameplates import Nameplates
from admission.namespaces import PausedNamespaces
from admission.nodes import NodeIndex
from admission.reviewer import Knowledge, Reviewer
from admission.server import WebhookServer
from admission.settings import AdmissionSettings
from benchmarks.admission.rendezvous import authority_of, new_context, port_of, tell_port
from common.api.core import Node, NodeStatus
from common.api.meta import ObjectMeta
from common.api.names import WATTS_RESOURCE
from common.api.policy import MODE_INITIAL, PolicySpec, PowerCappingPolicy, UpdatePolicy
from common.api.selector import LabelSelector
from common.service import logs
from common.webhook.matching import PolicyIndex
from deploy.local.processes import Process, start

NAMESPACE, APP = "bench", "app-0"
_REPOSITORY = Path(__file__).resolve().parents[2]


class Side:
    """The running server: its port, its authority, its process."""

    def __init__(self, folder: Path, core: int) -> None:
        self.ca_file = authority_of(folder)
        command = [sys.executable, "-m", "benchmarks.admission.side", str(folder), str(core)]
        environ = {**os.environ, "PYTHONPATH": str(_REPOSITORY)}
        self.process: Process = start("webhook", command, log=folder / "log", environ=environ)
        self.port = port_of(folder, "webhook", self.process.check)


def made_up_policies(count: int) -> PolicyIndex:
    """Returns an index of so many policies in one namespace, each selecting an application of its own."""
    index = PolicyIndex()
    for number in range(count):
        spec = PolicySpec(
            power_cap_limit=1000,
            selector=LabelSelector(match_labels={"app": f"app-{number}"}),
            update_policy=UpdatePolicy(update_mode=MODE_INITIAL),
        )
        index.change(
            None,
            PowerCappingPolicy(metadata=ObjectMeta(name=f"policy-{number}", namespace=NAMESPACE), spec=spec),
        )
    return index


def match_microseconds(policies: int, labels: dict[str, str], rounds: int = 5, calls: int = 4000) -> float:
    """Returns the time of one match, the least of several rounds."""
    index = made_up_policies(policies)
    assert index.match(NAMESPACE, labels) is not None
    return 1e6 * min(_seconds(index, labels, calls) for _ in range(rounds)) / calls


def _seconds(index: PolicyIndex, labels: dict[str, str], calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        index.match(NAMESPACE, labels)
    return time.perf_counter() - started


async def _serve(folder: Path) -> None:
    nodes = NodeIndex()
    offer = NodeStatus(allocatable={WATTS_RESOURCE: "10000"})
    nodes.change(None, Node(metadata=ObjectMeta(name="node"), status=offer))
    knowledge = Knowledge(made_up_policies(1000), nodes, PausedNamespaces(), Nameplates(), lambda: True)
    metrics = AdmissionMetrics(CollectorRegistry())
    settings = AdmissionSettings(webhook_listen_address="127.0.0.1:0")
    server = WebhookServer(Reviewer(knowledge, metrics), metrics, new_context(folder), settings)
    tell_port(folder, await server.open())
    await asyncio.Event().wait()


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    logs.configure("info", "json")
    asyncio.run(_serve(Path(sys.argv[1])))
