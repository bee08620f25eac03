"""The Planner put together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from common.clock import Clock, SystemClock
from common.service.app import Service
from common.service.beside import beside
from recommender.planner.config import PlannerSettings
from recommender.planner.grid import open_grid
from recommender.planner.serve import serve_plans
from recommender.planner.sources import Sources


class Planner:
    """One process: sources and server."""

    def __init__(self, service: Service, settings: PlannerSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self._sources = Sources(settings, self._clock)

    async def run(self) -> None:
        """Serves until cancelled."""
        self._service.health.ready("caches", self._sources.unready)
        settings, registry = self._settings, self._service.registry
        async with AsyncExitStack() as stack:
            client, queries = await self._sources.open(stack)
            grid = await open_grid(settings, stack, client, queries, self._clock, registry)
            server = await serve_plans(settings, self._sources, registry, grid, stack)
            await stack.enter_async_context(beside(grid.run()))
            await self._sources.prepare(client, stack)
            await server.say(serving=True)
            while True:
                await asyncio.sleep(settings.interval_seconds)
                await self._sources.read()
