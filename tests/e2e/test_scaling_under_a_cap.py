"""Services that KEDA scales, under one cap that is cut and raised: limits first, then pods, then all comes back.

Nobody speaks for the recommender here: the ceilings are its own, from what Prometheus has scraped. The watts
are judged by the true draw of the simulated GPUs, which no binary ever sees.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from deploy.local.demo.hardware import Hardware
from deploy.local.demo.record import read_seconds
from deploy.local.keda import Keda
from deploy.local.stack import Stack
from tests.e2e.scaled_services import REPLICAS, SERVICES, ScaledServices, scaled_services

CAP_WATTS = 12_000
"""More than twelve GPUs and their processors can draw."""
CUT_WATTS = 2_000
"""Less than twelve replicas draw with their GPUs at their lowest limits."""


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
        before = {name: await services.spec(name) for name in SERVICES}
        hardware.start_trace(1.0, 40.0)
        t = await services.until(lambda: _runs_freely(stack, services), "the full load")
        print("full load", t, services.advised(), drawn(stack))
        await services.set_cap(CUT_WATTS)
        t = await services.until(lambda: _fits(services), "pods that fit the cut")
        print("fits", t, services.advised(), services.pods(), drawn(stack), await services.maxima())
        t = await services.until(lambda: _drawn_at_most(stack, CUT_WATTS), "draw")
        print("draw", t, services.advised(), services.pods(), drawn(stack), await services.maxima())
        for _ in range(8):
            import asyncio
            await asyncio.sleep(1)
            print("held", services.advised(), services.pods(), drawn(stack), await services.maxima())
        await services.set_cap(CAP_WATTS)
        t = await services.until(lambda: _full(services), "full count")
        print("raised", t, services.advised(), services.pods(), drawn(stack), await services.maxima())
        assert {name: await services.spec(name) for name in SERVICES} == before
        assert await services.notes() == []


def drawn(stack: Stack) -> float:
    """The true draw of the services' GPUs over the last full second, in watts."""
    seconds, parts = read_seconds(stack.records)
    return sum(parts[name][-1] for name in SERVICES if name in parts) if seconds else 0.0


async def _runs_freely(stack: Stack, services: ScaledServices) -> bool:
    return await services.autoscaled() and drawn(stack) > 1.5 * CUT_WATTS and len(services.advised()) == 3


async def _fits(services: ScaledServices) -> bool:
    advised = services.advised()
    return bool(advised) and all(n <= advised[name][0] for name, n in services.pods().items() if name in advised) and services.counted_watts() <= CUT_WATTS


async def _drawn_at_most(stack: Stack, watts: int) -> bool:
    return drawn(stack) <= watts


async def _full(services: ScaledServices) -> bool:
    return services.pods() == dict.fromkeys(SERVICES, REPLICAS)
