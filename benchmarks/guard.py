"""How fast the agent brings a node under a lower budget, and what the agent itself costs.

A simulated 8-GPU node replays recorded start steps and random load, in real time; the real agent holds it to
grants that the real API server serves. Each time the grant is cut, the clock runs from the write until the
limits of all devices fit the new budget (read from the simulated hardware, past the agent).
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.guard_node import LoadedNode, StartSteps, cancelled
from benchmarks.registry import Benchmark, Metrics
from common.api.core import NODES
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import rfc3339_micro
from common.kube import Client, load_config
from deploy.local.cluster import LocalCluster
from deploy.local.processes import Process, ProcessSet

_NODE, _DOMAIN = "guarded", "guard"
_HIGH_WATTS, _BASE_WATTS = 8000, 4300
_LOWEST_WATTS, _HIGHEST_CUT_WATTS = 4500, 6500
_SEED = 23
_DEADLINE_SECONDS = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cuts", type=int, default=40, help="how often the grant is cut")
    parser.add_argument(
        "--steady-seconds", type=float, default=20.0, help="how long the agent's cost is measured"
    )


def run(arguments: Namespace) -> Metrics:
    """Starts a control plane, a node and its agent; returns the metrics."""
    with tempfile.TemporaryDirectory(prefix="climatik-guard-") as folder, LocalCluster() as cluster:
        cluster.install_crds()
        return asyncio.run(_measure(Path(folder), cluster, arguments))


async def _measure(folder: Path, cluster: LocalCluster, arguments: Namespace) -> Metrics:
    node = LoadedNode(_NODE, StartSteps(arguments.data / "node_power"), _SEED)
    socket = folder / "room.sock"
    hosting = asyncio.create_task(node.host(socket))
    processes = ProcessSet(folder, dict(cluster.environment))
    try:
        async with Client(load_config(str(cluster.kubeconfig)), user_agent="climatik-benchmark") as client:
            grants = Grants(client)
            await grants.create(node.node.boot_id)
            flags = [
                "--node-name",
                _NODE,
                "--simulated-socket",
                str(socket),
                "--state-dir",
                str(folder / "state"),
            ]
            agent = processes.start("agent", [sys.executable, "-m", "nodeagent", *flags])
            watchdog = processes.start("watchdog", [sys.executable, "-m", "nodeagent", "--watchdog", *flags])
            await grants.write(_HIGH_WATTS)
            await _until(lambda: node.exposed_watts() <= _HIGH_WATTS, "the first grant obeyed", 60.0)
            latencies, over = await _cut_again_and_again(node, grants, arguments.cuts)
            core_percent = await _core_percent(agent, arguments.steady_seconds)
            return {
                "written_p99_seconds": round(_quantile(sorted(latencies), 0.99), 3),
                "written_max_seconds": round(max(latencies), 3),
                "written_samples": len(latencies),
                "over_budget_watt_seconds": round(over, 1),
                "agent_core_percent": round(core_percent, 2),
                "agent_resident_mib": round(_resident_mib(agent), 1),
                "watchdog_resident_mib": round(_resident_mib(watchdog), 1),
            }
    finally:
        processes.stop()
        await cancelled(hosting)


class Grants:
    """Writes what the actuator would: the node's grant, and the heartbeat of its domain."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sequence = 0

    async def create(self, boot_id: str) -> None:
        """Creates Node, domain and the node's object."""
        info = {"status": {"nodeInfo": {"bootID": boot_id}}}
        await self._client.create(NODES, {"metadata": {"name": _NODE, "labels": {"guard": "1"}}})
        await self._client.patch(NODES, _NODE, info, subresource="status")
        spec = {
            "capWatts": 20_000,
            "minimumCapWatts": _BASE_WATTS,
            "nodeSelector": {"matchLabels": {"guard": "1"}},
            "updatePolicy": {"updateMode": "Auto"},
        }
        await self._client.create(POWER_DOMAINS, _body(POWER_DOMAINS, _DOMAIN, spec))
        word = {
            "leaderEpoch": 1,
            "heartbeatTime": rfc3339_micro(datetime.now(UTC)),
            "effectiveCapWatts": 20_000,
            "grantedCapWatts": 20_000,
            "baseWatts": _BASE_WATTS,
            "reservedWatts": 20_000,
        }
        status = {"status": {"enforcement": word}}
        await self._client.patch(POWER_DOMAINS, _DOMAIN, status, subresource="status")
        await self._client.create(NODE_FREQUENCIES, _body(NODE_FREQUENCIES, _NODE, {"nodeName": _NODE}))

    async def write(self, watts: int) -> None:
        """Writes a grant."""
        self._sequence += 1
        budget = {
            "sequence": self._sequence,
            "leaderEpoch": 1,
            "domain": _DOMAIN,
            "baseWatts": _BASE_WATTS,
            "grantWatts": watts,
            "reservedWatts": 20_000,
            "leaseDurationSeconds": 3600,
        }
        await self._client.patch(NODE_FREQUENCIES, _NODE, {"spec": {"powerBudget": budget}})


async def _cut_again_and_again(node: LoadedNode, grants: Grants, cuts: int) -> tuple[list[float], float]:
    """Cuts the grant at random moments; returns the latencies, and the watt-seconds drawn over the budget."""
    choice = random.Random(_SEED)
    latencies: list[float] = []
    over = 0.0
    for _ in range(cuts):
        watts = choice.randint(_LOWEST_WATTS, _HIGHEST_CUT_WATTS)
        node.second_watts.clear()
        began = time.perf_counter()
        await grants.write(watts)
        await _until(partial(_fits, node, watts), f"limits under {watts} W", _DEADLINE_SECONDS)
        latencies.append(time.perf_counter() - began)
        await asyncio.sleep(choice.uniform(1.0, 2.0))
        over += sum(max(0.0, drawn - watts) for _, drawn in node.second_watts) * 0.1
        await grants.write(_HIGH_WATTS)
        await asyncio.sleep(choice.uniform(1.0, 2.0))
    return latencies, over


def _fits(node: LoadedNode, watts: int) -> bool:
    return node.exposed_watts() <= watts


async def _core_percent(process: Process, seconds: float) -> float:
    before = _cpu_seconds(process)
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    return 100.0 * (_cpu_seconds(process) - before) / (time.perf_counter() - began)


def _cpu_seconds(process: Process) -> float:
    fields = _proc(process, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident_mib(process: Process) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", _proc(process, "status"))
    return int(found[1]) / 1024 if found else 0.0


def _proc(process: Process, name: str) -> str:
    return Path(f"/proc/{process.pid}/{name}").read_text()


async def _until(ready: Any, what: str, seconds: float) -> None:
    ends = time.perf_counter() + seconds
    while not ready():
        if time.perf_counter() > ends:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(0.005)


def _body(resource: Any, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name},
        "spec": spec,
    }


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


BENCHMARK = Benchmark(
    name="guard",
    description="a lower budget until written to the devices of a loaded 8-GPU node; what the agent costs",
    run=run,
    add_arguments=add_arguments,
    data=("node_power",),
)
