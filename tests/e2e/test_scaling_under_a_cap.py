"""Services that KEDA scales, under a cap cut and raised: limits first, then pods, then all comes back.

Nobody speaks for the recommender here: the ceilings are its own, from what Prometheus has scraped. The watts
are judged by the true draw of the simulated GPUs, which no binary ever sees.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator

import pytest

from deploy.local.demo.hardware import Hardware
from deploy.local.demo.objects import NAMESPACE
from deploy.local.demo.record import read_seconds
from deploy.local.keda import Keda
from deploy.local.processes import wait_until
from deploy.local.stack import Stack, python
from tests.e2e.scaled_services import POLICY, REPLICAS, SERVICES, ScaledServices, scaled_services

CAP_WATTS = 12_000
"""More than twelve GPUs and their processors can draw."""
CUT_WATTS = 2_000
"""Carries about six of the twelve replicas with their GPUs at their lowest limits."""
HALF_BACK_WATTS = 2_900
LOAD_WATTS = 3_500
"""What the GPUs draw before the cut at least, so that a cap under it proves something."""
HOLD_SECONDS = 10.0
DRIFT = 1.05
"""What a replica counts with is measured anew each second; it may rise a bit before ceilings follow."""
GRACE_SECONDS = 6.0
"""From a change to a draw under the cap: a scrape, a round of the recommender, limits, and the pods' way out.

Pods that start run without limits until then: what no second may pass is a domain's cap, not a policy's.
"""


@pytest.fixture
def keda(stack: Stack) -> Iterator[Keda]:
    with Keda(stack.cluster) as running:
        yield running


@pytest.fixture
def hardware(stack: Stack) -> Iterator[Hardware]:
    made = Hardware(stack.machine_room_socket, stack.nodes)
    yield made
    made.close()


async def test_the_sum_stays_under_the_cap_and_the_ceilings_come_back(
    stack: Stack, keda: Keda, hardware: Hardware
) -> None:
    async with scaled_services(stack) as services:
        await services.create(CAP_WATTS)
        before = services.specs()
        hardware.start_trace(1.0, 40.0)
        await services.until(lambda: _runs_freely(stack, services), "the full load")

        await services.set_cap(CUT_WATTS)
        cut = time.time()
        await services.until(lambda: _fits(services, CUT_WATTS), "pods that fit the cut")
        held = sum(services.pods().values())
        assert len(SERVICES) <= held < len(SERVICES) * REPLICAS
        await _hold(services, CUT_WATTS)
        raised = time.time()

        await services.set_cap(HALF_BACK_WATTS)
        await services.until(lambda: _more_than(services, held), "pods that the raise brings back")
        await _hold(services, HALF_BACK_WATTS)
        freed = time.time()

        await services.set_cap(CAP_WATTS)
        await services.until(lambda: _all_back(services), "all pods and no note")
        assert services.specs() == before
        assert "spec.maxReplicaCount from 4 to" in explained(stack)
        assert max(draws(stack, cut + GRACE_SECONDS, raised)) <= CUT_WATTS
        assert max(draws(stack, raised + GRACE_SECONDS, freed)) <= HALF_BACK_WATTS
    wait_until(lambda: not hardware.differences(), "settings as found", timeout_seconds=40)


async def _hold(services: ScaledServices, cap_watts: int) -> None:
    """Gives whatever would break the cap the time to: in real time, on purpose."""
    until = time.monotonic() + HOLD_SECONDS
    while time.monotonic() < until:
        assert services.counted_watts() <= DRIFT * cap_watts, await services.told()
        await asyncio.sleep(0.5)
    await services.until(lambda: _fits(services, cap_watts), "pods that fit the cap in the end")


def draws(stack: Stack, since: float, until: float) -> list[float]:
    """The true draw of the services' GPUs in each full second of a span, in watts."""
    seconds, parts = read_seconds(stack.records)
    known = [parts[name] for name in SERVICES if name in parts]
    sums = [sum(column) for column in zip(*known, strict=True)]
    return [watts for start, watts in zip(seconds, sums, strict=False) if since <= start <= until - 1]


def explained(stack: Stack) -> str:
    """What a person is told who asks why pods have gone."""
    command = [*python("climatik", "explain", "policy", POLICY, "-n", NAMESPACE)]
    command += ["--kubeconfig", str(stack.cluster.kubeconfig)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


async def _runs_freely(stack: Stack, services: ScaledServices) -> bool:
    latest = draws(stack, time.time() - 3, time.time())
    advised = services.advised().keys() == set(SERVICES)
    return advised and max(latest, default=0) > LOAD_WATTS and await services.autoscaled()


async def _fits(services: ScaledServices, cap_watts: int) -> bool:
    if services.advised_for() != cap_watts:
        return False  # of the cap before: what fits by it says nothing
    return services.counted_watts() <= cap_watts and await _obeyed(services)


async def _obeyed(services: ScaledServices) -> bool:
    """Whether pods and ScaledObjects are at most what is advised."""
    advised, maxima = services.advised(), await services.maxima()
    return all(max(count, maxima[name]) <= advised[name][0] for name, count in services.pods().items())


async def _more_than(services: ScaledServices, pods: int) -> bool:
    return sum(services.pods().values()) > pods


async def _all_back(services: ScaledServices) -> bool:
    return services.pods() == dict.fromkeys(SERVICES, REPLICAS) and not await services.notes()
