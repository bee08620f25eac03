"""How long a brake takes: one PowerDomain write until the last of its agents has written its device.

A real API server, one watch of the domains and one of its own object for every agent. No actuator runs:
agents obey ``brakePercent`` straight from spec.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack

from benchmarks.brake.agents import node_name
from benchmarks.quantile import quantile
from benchmarks.registry import Benchmark, Metrics
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import rfc3339_micro
from common.clock import SystemClock
from common.kube import Client, load_config
from deploy.local.cluster import LocalCluster

_DOMAIN = "brake"
_BASE_WATTS, _GRANT_WATTS = 2_000, 5_000
_BRAKE_PERCENT = 40
_LEASE_SECONDS = 3600
_PAUSE_SECONDS = (0.5, 1.5)
_SEED = 6
_STOP_SECONDS = 30


def add_arguments(parser: ArgumentParser) -> None:
    """Declares size and repetitions."""
    parser.add_argument("--agents", type=int, default=1_000, help="agents, each with watches of its own")
    parser.add_argument("--processes", type=int, default=4, help="processes that they are spread over")
    parser.add_argument("--brakes", type=int, default=20, help="brakes, each let go of again")


def run(arguments: Namespace) -> Metrics:
    """Returns quantiles over the brakes of the time until the last agent, and of the time of each agent."""
    agents, processes = arguments.agents, arguments.processes
    with LocalCluster() as cluster, ExitStack() as stack:
        cluster.install_crds()
        kubeconfig = str(cluster.kubeconfig)
        _say(f"{agents} NodeFrequencies are made")
        asyncio.run(_make_objects(kubeconfig, agents))
        began = time.monotonic()
        _say(f"{agents} agents start in {processes} processes")
        share = _shares(agents, processes)
        fleet = [stack.enter_context(_Side(kubeconfig, *part)) for part in share]
        for side in fleet:
            side.wait_ready()
        _say(f"ready after {time.monotonic() - began:.0f} s")
        rounds = asyncio.run(_brake(kubeconfig, fleet, arguments.brakes))
    return _metrics(rounds, agents)


class _Side:
    """One process with a share of the agents."""

    def __init__(self, kubeconfig: str, first: int, count: int) -> None:
        self._command = [sys.executable, "-m", "benchmarks.brake.agents", kubeconfig, str(first), str(count)]

    def __enter__(self) -> _Side:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_ready(self) -> None:
        """Waits until all of its agents follow the cluster."""
        if self._line() != "ready":
            raise RuntimeError("agents did not start: see above")

    def moments(self) -> list[float]:
        """Waits until all of its agents have written their devices; returns when each did."""
        found: list[float] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _shares(agents: int, processes: int) -> list[tuple[int, int]]:
    edges = [agents * number // processes for number in range(processes + 1)]
    return [(first, last - first) for first, last in itertools.pairwise(edges)]


async def _make_objects(kubeconfig: str, agents: int) -> None:
    async with Client(load_config(kubeconfig), user_agent="climatik-benchmark") as client:
        cap, base = agents * _GRANT_WATTS, agents * _BASE_WATTS
        spec = {
            "capWatts": cap,
            "minimumCapWatts": base,
            "leaseDurationSeconds": _LEASE_SECONDS,
            "updatePolicy": {"updateMode": "Auto"},
        }
        await client.create(POWER_DOMAINS, {"metadata": {"name": _DOMAIN}, "spec": spec})
        word = {
            "leaderEpoch": 1,
            "heartbeatTime": rfc3339_micro(SystemClock().now()),
            "effectiveCapWatts": cap,
            "grantedCapWatts": cap,
            "baseWatts": base,
            "reservedWatts": cap,
        }
        await client.patch(POWER_DOMAINS, _DOMAIN, {"status": {"enforcement": word}}, subresource="status")
        slots = asyncio.Semaphore(32)

        async def make(number: int) -> None:
            async with slots:
                await client.create(NODE_FREQUENCIES, _frequencies(node_name(number)))

        await asyncio.gather(*(make(number) for number in range(agents)))


def _frequencies(node: str) -> dict[str, object]:
    budget = {
        "sequence": 1,
        "leaderEpoch": 1,
        "domain": _DOMAIN,
        "baseWatts": _BASE_WATTS,
        "grantWatts": _GRANT_WATTS,
        "reservedWatts": _GRANT_WATTS,
        "leaseDurationSeconds": _LEASE_SECONDS,
    }
    return {"metadata": {"name": node}, "spec": {"nodeName": node, "powerBudget": budget}}


async def _brake(kubeconfig: str, fleet: list[_Side], brakes: int) -> list[list[float]]:
    """Brakes and lets go in turn; returns for each brake the seconds that each agent took."""
    pause, rounds = random.Random(_SEED), []
    async with Client(load_config(kubeconfig), user_agent="climatik-benchmark") as client:
        for number in range(brakes):
            rounds.append(await _write(client, fleet, _BRAKE_PERCENT))
            _say(f"brake {number + 1} of {brakes}: last agent after {rounds[-1][-1]:.3f} s")
            await asyncio.sleep(pause.uniform(*_PAUSE_SECONDS))
            await _write(client, fleet, None)
            await asyncio.sleep(pause.uniform(*_PAUSE_SECONDS))
    return rounds


async def _write(client: Client, fleet: list[_Side], percent: int | None) -> list[float]:
    began = time.monotonic()
    await client.patch(POWER_DOMAINS, _DOMAIN, {"spec": {"brakePercent": percent}})
    moments = await asyncio.gather(*(asyncio.to_thread(side.moments) for side in fleet))
    return sorted(moment - began for part in moments for moment in part)


def _metrics(rounds: list[list[float]], agents: int) -> Metrics:
    last, every = [found[-1] for found in rounds], [one for found in rounds for one in found]
    return {
        "agents": agents,
        "brakes": len(rounds),
        "p99_seconds": quantile(last, 0.99),
        "p50_seconds": quantile(last, 0.5),
        "first_agent_seconds": statistics.median(found[0] for found in rounds),
        "agent_p50_seconds": quantile(every, 0.5),
        "agent_p99_seconds": quantile(every, 0.99),
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


BENCHMARK = Benchmark(
    name="brake",
    description="one PowerDomain write until the last of 1,000 agents has written its device",
    run=run,
    add_arguments=add_arguments,
)
