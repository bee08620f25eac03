"""How fast the agent brings a node under a lower budget, and what the agent itself costs.

A simulated 8-GPU node replays recorded start steps and random load, in real time; the real agent holds it to
grants that the real API server serves. Each time the grant is cut, the clock runs from the write until the
limits of all devices fit the new budget (read from the simulated hardware, past the agent). What the agent
itself costs is measured on eight boards behind the imitated NVML, whose calls cost what the real library's
Python binding costs.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.guard.cost import core_percent_of, measure_cost
from benchmarks.guard.grants import HIGH_WATTS, Grants
from benchmarks.guard.node import LoadedNode, StartSteps, cancelled
from benchmarks.quantile import quantile
from benchmarks.registry import Benchmark, Metrics
from benchmarks.usage import resident_mib
from common.kube import Client, load_config
from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet

_NODE, _DOMAIN = "guarded", "guard"
_LOWEST_WATTS, _HIGHEST_CUT_WATTS = 4500, 6500
_SEED = 23
_DEADLINE_SECONDS = 10.0


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
    found = await _measure_cuts(folder, cluster, arguments)
    return {**found, **await measure_cost(folder, cluster, arguments.steady_seconds)}


async def _measure_cuts(folder: Path, cluster: LocalCluster, arguments: Namespace) -> Metrics:
    node = LoadedNode(_NODE, StartSteps(arguments.data / "node_power"), _SEED)
    socket = folder / "room.sock"
    hosting = asyncio.create_task(node.host(socket))
    processes = ProcessSet(folder, dict(cluster.environment))
    try:
        async with Client(load_config(str(cluster.kubeconfig)), user_agent="climatik-benchmark") as client:
            grants = Grants(client, _NODE, _DOMAIN)
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
            await grants.write(HIGH_WATTS)
            await _until(lambda: node.exposed_watts() <= HIGH_WATTS, "the first grant obeyed", 60.0)
            latencies, over = await _cut_again_and_again(node, grants, arguments.cuts)
            core_percent = await core_percent_of(agent, arguments.steady_seconds)
            return {
                "written_p99_seconds": round(quantile(latencies, 0.99), 3),
                "written_max_seconds": round(max(latencies), 3),
                "written_samples": len(latencies),
                "over_budget_watt_seconds": round(over, 1),
                "simulated_agent_core_percent": round(core_percent, 2),
                "watchdog_resident_mib": round(resident_mib(watchdog.pid), 1),
            }
    finally:
        processes.stop()
        await cancelled(hosting)


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
        await grants.write(HIGH_WATTS)
        await asyncio.sleep(choice.uniform(1.0, 2.0))
    return latencies, over


def _fits(node: LoadedNode, watts: int) -> bool:
    return node.exposed_watts() <= watts


async def _until(ready: Any, what: str, seconds: float) -> None:
    ends = time.perf_counter() + seconds
    while not ready():
        if time.perf_counter() > ends:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(0.005)


BENCHMARK = Benchmark(
    name="guard",
    description="a lower budget until written to the devices of a loaded 8-GPU node; what the agent costs",
    run=run,
    add_arguments=add_arguments,
    data=("node_power",),
)
