"""The Planner within the recommender: fed by its cycles, served beside them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from common.api.batch import JOBS
from common.clock import Clock
from common.kube.client import Client
from common.kube.informer import Informer
from common.service.beside import beside
from common.telemetry.prometheus import PowerQueries
from recommender.config import RecommenderSettings
from recommender.fleet import Fleet
from recommender.input.cluster import Cluster
from recommender.logic.fleet_members import Targets
from recommender.output.plan_metrics import PlanCollector
from recommender.planner.config import recent_samples
from recommender.planner.deployments import DEPLOYMENTS
from recommender.planner.grid import Grid, open_grid
from recommender.planner.inventory import Inventory
from recommender.planner.knowledge import Knowledge
from recommender.planner.observe import Samples
from recommender.shifter import JobWatts, Shifter

_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Shared:
    """What the Planner has in common with the rest of the process."""

    client: Client
    cluster: Cluster
    queries: PowerQueries | None
    clock: Clock
    registry: CollectorRegistry


@dataclass(frozen=True)
class Planning:
    """What the cycles feed and ask; None for what the settings do not ask for."""

    fleet: Fleet | None = None
    shifter: Shifter | None = None


async def open_planning(settings: RecommenderSettings, shared: Shared, stack: AsyncExitStack) -> Planning:
    """Returns what the settings ask for; all of it ends with the stack.

    Raises:
        SettingsError: A grid source or a file is wrong, or the address cannot be served.
    """
    plans = settings.plan_ceilings or bool(settings.grpc_listen_address)
    if not plans and not settings.shift_jobs:
        return Planning()
    grid = await open_grid(settings, stack, shared.client, shared.queries, shared.clock, shared.registry)
    await stack.enter_async_context(beside(grid.run()))
    fleet = await _fleet(settings, shared, grid, stack) if plans else None
    shifter = await _shifter(settings, shared, grid, stack) if settings.shift_jobs else None
    return Planning(fleet, shifter)


async def _fleet(settings: RecommenderSettings, shared: Shared, grid: Grid, stack: AsyncExitStack) -> Fleet:
    recent = recent_samples(settings, settings.interval_seconds)
    samples = Samples(settings.quantile_deviations, recent)
    if settings.grpc_listen_address:
        await _serve(settings, shared, samples, grid, stack)
    targets = Targets(settings.inter_token_target_milliseconds / 1000.0, settings.most_replicas_factor)
    solver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fleet")
    stack.callback(solver.shutdown, wait=False, cancel_futures=True)
    beside = None if settings.once else solver
    fleet = Fleet(samples, targets, grid.weights, settings.plan_ceilings, beside)
    shared.registry.register(PlanCollector(lambda: fleet.rows))
    return fleet


async def _shifter(
    settings: RecommenderSettings, shared: Shared, grid: Grid, stack: AsyncExitStack
) -> Shifter:
    jobs = Informer(shared.client, JOBS)
    await stack.enter_async_context(beside(jobs.run()))
    guess = JobWatts(settings.unmeasured_replica_watts, settings.unmeasured_gpu_watts)
    return Shifter(jobs.items, grid.hours, guess, settings.carbon_price_per_tonne)


async def _serve(
    settings: RecommenderSettings, shared: Shared, samples: Samples, grid: Grid, stack: AsyncExitStack
) -> None:
    from recommender.planner.serve import serve_plans  # noqa: PLC0415 - grpc is loaded only to serve

    deployments = Informer(shared.client, DEPLOYMENTS)
    await stack.enter_async_context(beside(deployments.run()))
    inventory = Inventory(deployments, shared.cluster.pods, shared.cluster.policies)
    knowledge = Knowledge(settings, inventory, samples)
    server = await serve_plans(settings, knowledge, shared.registry, grid, stack)

    async def say() -> None:
        while True:
            await server.say(serving=knowledge.unready() is None)
            await asyncio.sleep(_LOOK_SECONDS)

    await stack.enter_async_context(beside(say()))
