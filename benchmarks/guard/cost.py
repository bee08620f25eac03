"""What an agent costs that holds eight boards behind the real ``pynvml`` and the imitated library."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

from benchmarks.guard.grants import HIGH_WATTS, Grants
from benchmarks.registry import Metrics
from benchmarks.usage import cpu_seconds, resident_mib
from common.kube import Client, load_config
from deploy.local.cluster import LocalCluster
from deploy.local.processes import Process, ProcessSet
from tests.fakes.nvml import build, machine

_NODE, _DOMAIN = "boards", "boards"
_REST_WATTS = 2000
_SEED = 5
_SETTLE_SECONDS = 8.0
_CHANGE_SECONDS = 2.0


async def measure_cost(folder: Path, cluster: LocalCluster, seconds: float) -> Metrics:
    """Returns the share of a core and the memory of the agent, while loads come and go on the boards.

    Args:
        folder: Where the boards and the agent's state are kept.
        cluster: Where its grant comes from.
        seconds: How long it is watched.
    """
    library = build.library(folder)
    boards = machine.create(folder / "machine", manual_time=False)
    environment = {"FAKE_NVML_MACHINE": str(folder / "machine"), "LD_LIBRARY_PATH": str(library.parent)}
    processes = ProcessSet(folder, {**cluster.environment, **environment})
    loading = asyncio.create_task(_load(boards))
    try:
        async with Client(load_config(str(cluster.kubeconfig)), user_agent="climatik-benchmark") as client:
            grants = Grants(client, _NODE, _DOMAIN)
            await grants.create("boot")
            flags = ["--node-name", _NODE, "--state-dir", str(folder / "boards"), "--devices", "nvml"]
            flags += ["--rest-bound-watts", str(_REST_WATTS)]
            agent = processes.start("agent-on-boards", [sys.executable, "-m", "nodeagent", *flags])
            await grants.write(HIGH_WATTS - _REST_WATTS)
            await asyncio.sleep(_SETTLE_SECONDS)
            if not any(gpu.setter_calls for gpu in boards.gpus):
                raise RuntimeError("the agent did not write to the boards")
            percent = await core_percent_of(agent, seconds)
            return {
                "agent_core_percent": round(percent, 2),
                "agent_resident_mib": round(resident_mib(agent.pid), 1),
            }
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        processes.stop()


async def _load(boards: machine.Machine) -> None:
    """Gives one board after the other another load."""
    choice = random.Random(_SEED)
    while True:
        choice.choice(list(boards.gpus)).load = choice.choice((0.0, 0.3, 0.6, 1.0))
        await asyncio.sleep(_CHANGE_SECONDS)


async def core_percent_of(process: Process, seconds: float) -> float:
    """Returns the share of a core that a process uses over so many seconds."""
    before = cpu_seconds(process.pid)
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    return 100.0 * (cpu_seconds(process.pid) - before) / (time.perf_counter() - began)
