"""Serving plans until told to stop, whoever knows the services."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack

from prometheus_client import CollectorRegistry

from recommender.planner.config import PlanSettings
from recommender.planner.grid import Grid
from recommender.planner.server import Server
from recommender.planner.servicer import Servicer, States

log = logging.getLogger(__name__)


async def serve_plans(
    settings: PlanSettings, states: States, registry: CollectorRegistry, grid: Grid, stack: AsyncExitStack
) -> Server:
    """Starts a server, which is stopped with the stack; health says that it does not serve yet.

    Raises:
        SettingsError: The address cannot be bound or must not be served in plain text, or a TLS file
            cannot be read.
    """
    servicer = Servicer(settings, states, registry, grid.weights)
    server = Server(settings, servicer)
    await server.start()
    stack.callback(servicer.close)
    stack.push_async_callback(server.stop, settings.stop_deadline_seconds / 2)
    log.info("serving plans", extra={"port": server.port})
    return server
