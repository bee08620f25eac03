"""How fast the loop is, end to end, on the real control plane with every binary a process of its own.

Three paths: a set point written to a NodeFrequencies until its status says ``Applied``; a policy written
until its status speaks of that generation; a cap cut until the limits of all devices fit the lower cap
(read from the simulated hardware, past the agents).
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.quantile import quantile
from benchmarks.registry import Benchmark, Metrics
from common.api.frequencies import DEVICE_APPLIED, NODE_FREQUENCIES, NodeFrequencies
from common.api.meta import KubeObject
from common.api.policy import POLICIES, PowerCappingPolicy
from common.kube import Client, Informer, load_config
from deploy.local.demo.hardware import Hardware
from deploy.local.demo.objects import (
    CAP_WATTS,
    CAP_WATTS_AFTER_CUT,
    DOMAIN,
    EXAMPLE_NAMESPACE,
    NAMESPACE,
    POLICY,
    POWER_OBJECTS,
)
from deploy.local.processes import wait_until
from deploy.local.stack import Stack

_SET_POINTS_WATTS = (300, 600)
_DEADLINE_SECONDS = 20.0
_SEED = 20


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=100, help="writes per path (cap cuts: a fifth of it)")


def run(arguments: Namespace) -> Metrics:
    """Starts the stack, measures the three paths and returns p50, p99 and the number of each."""
    rounds = arguments.rounds
    with tempfile.TemporaryDirectory(prefix="climatik-loop-") as folder, Stack(Path(folder)) as stack:
        hardware = Hardware(stack.machine_room_socket, stack.nodes)
        measured = {"set_point": asyncio.run(_set_points(stack, hardware, rounds))}
        stack.cluster.kubectl("apply", "-f", str(EXAMPLE_NAMESPACE))
        stack.cluster.kubectl("apply", "-f", str(POWER_OBJECTS))
        measured["policy"] = asyncio.run(_policies(stack, rounds))
        measured["cap_cut"] = _cap_cuts(stack, hardware, max(1, rounds // 5))
        hardware.close()
    return _metrics(measured)


class Seen:
    """Waits for an object to come into a state, told by a watch rather than by polling."""

    def __init__(self) -> None:
        self._wanted: Callable[[KubeObject], bool] = lambda _: False
        self._moment: asyncio.Future[float] | None = None

    def observe(self, _old: KubeObject | None, new: KubeObject | None) -> None:
        """Handler of the informer."""
        if new is not None and self._moment and not self._moment.done() and self._wanted(new):
            self._moment.set_result(time.perf_counter())

    def expect(self, wanted: Callable[[KubeObject], bool]) -> asyncio.Future[float]:
        """Returns a future of the moment at which an observed object satisfies ``wanted``."""
        self._wanted = wanted
        self._moment = asyncio.get_running_loop().create_future()
        return self._moment


async def _set_points(stack: Stack, hardware: Hardware, rounds: int) -> list[float]:
    """Writes watt limits to one GPU after the other of all nodes, before any budget is there."""
    gpus = [(node, uuid) for node in stack.nodes for uuid in hardware.gpus(node)]
    pause = random.Random(_SEED)
    seen = Seen()
    async with _client(stack) as client:
        for node in stack.nodes:
            await client.apply(NODE_FREQUENCIES, _frequencies(node, ()), field_manager="benchmark")
        async with _watched(Informer(client, NODE_FREQUENCIES), seen):
            latencies = []
            for index in range(rounds):
                node, uuid = gpus[index % len(gpus)]
                watts = _SET_POINTS_WATTS[index // len(gpus) % 2]
                body = _frequencies(node, ((uuid, watts),))
                applied = seen.expect(partial(_is_applied, node=node, uuid=uuid, watts=watts))
                began = time.perf_counter()
                await client.apply(NODE_FREQUENCIES, body, field_manager="benchmark")
                latencies.append(await asyncio.wait_for(applied, _DEADLINE_SECONDS) - began)
                await asyncio.sleep(pause.uniform(0.05, 0.4))
            for node in stack.nodes:
                await client.delete(NODE_FREQUENCIES, node)
    return latencies


async def _policies(stack: Stack, rounds: int) -> list[float]:
    """Writes a policy's cap again and again."""
    pause = random.Random(_SEED)
    seen = Seen()
    latencies = []
    async with _client(stack) as client, _watched(Informer(client, POLICIES), seen):
        for index in range(rounds):
            patch = {"spec": {"powerCapLimit": 4000 + index + 1}}
            answered = seen.expect(partial(_is_answered, watts=4000 + index + 1))
            began = time.perf_counter()
            await client.patch(POLICIES, POLICY, patch, NAMESPACE)
            latencies.append(await asyncio.wait_for(answered, _DEADLINE_SECONDS) - began)
            await asyncio.sleep(pause.uniform(0.05, 0.6))
    return latencies


def _cap_cuts(stack: Stack, hardware: Hardware, rounds: int) -> list[float]:
    """Cuts the cap of the whole cluster again and again, each time after the grants had been raised."""
    latencies = []
    for _ in range(rounds):
        _set_cap(stack, CAP_WATTS)
        wait_until(
            lambda: hardware.exposure_watts() > CAP_WATTS_AFTER_CUT,
            "raised grants",
            timeout_seconds=60,
            check=stack.check,
        )
        began = time.perf_counter()
        _set_cap(stack, CAP_WATTS_AFTER_CUT)
        hardware.seconds_until_at_most(CAP_WATTS_AFTER_CUT, _DEADLINE_SECONDS)
        latencies.append(time.perf_counter() - began)
    return latencies


def _set_cap(stack: Stack, watts: int) -> None:
    patch = f'{{"spec":{{"capWatts":{watts}}}}}'
    stack.cluster.kubectl("patch", "powerdomain", DOMAIN, "--type=merge", f"--patch={patch}")


def _client(stack: Stack) -> Client:
    return Client(load_config(str(stack.cluster.kubeconfig)), user_agent="climatik-benchmark")


class _watched:  # noqa: N801 - used as a statement
    """Runs an informer for the length of a block."""

    def __init__(self, informer: Informer, seen: Seen) -> None:  # type: ignore[type-arg]
        self._informer = informer
        informer.on_change(seen.observe)

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._informer.run())
        await self._informer.wait_synced()

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _frequencies(node: str, limits: tuple[tuple[str, int], ...]) -> dict[str, object]:
    spec = {"nodeName": node, "gpuPowerLimits": [{"gpuId": uuid, "watts": watts} for uuid, watts in limits]}
    return {
        "apiVersion": NODE_FREQUENCIES.api_version,
        "kind": NODE_FREQUENCIES.kind,
        "metadata": {"name": node},
        "spec": spec,
    }


def _is_applied(seen: KubeObject, *, node: str, uuid: str, watts: int) -> bool:
    if not isinstance(seen, NodeFrequencies) or seen.name != node:
        return False
    gpus = (gpu for gpu in seen.status.gpus if gpu.gpu_id == uuid)
    return any(gpu.status == DEVICE_APPLIED and gpu.enforced_watts == watts for gpu in gpus)


def _is_answered(seen: KubeObject, *, watts: int) -> bool:
    if not isinstance(seen, PowerCappingPolicy) or seen.name != POLICY:
        return False
    fresh = seen.spec.power_cap_limit == watts
    return fresh and seen.status.observed_generation == seen.metadata.generation


def _metrics(measured: dict[str, list[float]]) -> dict[str, float | int | str]:
    metrics: dict[str, float | int | str] = {}
    for name, latencies in measured.items():
        metrics[f"{name}_p50_seconds"] = round(quantile(latencies, 0.50), 4)
        metrics[f"{name}_p99_seconds"] = round(quantile(latencies, 0.99), 4)
        metrics[f"{name}_max_seconds"] = round(max(latencies), 4)
        metrics[f"{name}_samples"] = len(latencies)
    return metrics


BENCHMARK = Benchmark(
    name="loop",
    description="set point to Applied, policy to status, cap cut to devices, on the real control plane",
    run=run,
    add_arguments=add_arguments,
)
