"""The Planner put together."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

from common.clock import Clock
from common.service.app import Service
from recommender.planner.config import PlannerSettings
from recommender.planner.server import Server
from recommender.planner.servicer import Servicer
from recommender.planner.sources import Sources

log = logging.getLogger(__name__)


class Planner:
    """One process: sources and server."""

    def __init__(self, service: Service, settings: PlannerSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._sources = Sources(settings, clock)

    async def run(self) -> None:
        """Serves until cancelled."""
        self._service.health.ready("caches", self._sources.unready)
        servicer = Servicer(self._settings, self._sources, self._service.registry)
        server = Server(self._settings, servicer)
        await server.start()
        log.info("serving plans", extra={"port": server.port})
        async with AsyncExitStack() as stack:
            stack.callback(servicer.close)
            stack.push_async_callback(server.stop, self._settings.stop_deadline_seconds / 2)
            await self._sources.prepare(stack)
            await server.say(serving=True)
            while True:
                await asyncio.sleep(self._settings.interval_seconds)
                await self._sources.read()
