"""What one process shows the outside: metrics, health, and the HTTP server that serves both."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from prometheus_client import CollectorRegistry

from common.service.endpoints import Endpoints, Handler, parse_address, write_port
from common.service.health import Health
from common.service.metrics import MetricsPage, Renderer, new_registry
from common.service.settings import ServiceSettings

log = logging.getLogger(__name__)


class Service:
    """What a binary hangs its metrics, checks and routes on; one per process.

    Attributes:
        registry: Metrics of the process.
        health: Checks behind /healthz and /readyz.
        stop: Set when the process has been asked to stop.
        port: The port that the HTTP server got; 0 before it listens, or when it serves none.
    """

    def __init__(self, name: str, settings: ServiceSettings) -> None:
        self.name = name
        self.settings = settings
        self.registry: CollectorRegistry = new_registry(name)
        self.health = Health()
        self.stop = asyncio.Event()
        self.port = 0
        self._page = MetricsPage(self.registry)
        self._endpoints = Endpoints(self.health, self._page)
        self.health.ready("running", lambda: "the process is stopping" if self.stop.is_set() else None)

    def add_metrics_renderer(self, render: Renderer) -> None:
        """Appends families that are rendered faster than the registry could to /metrics."""
        self._page.add(render)

    def add_route(self, method: str, path: str, handler: Handler) -> None:
        """Adds an HTTP route of the binary's own; before ``run``."""
        self._endpoints.add_route(method, path, handler)

    async def open(self) -> None:
        """Starts the HTTP server and says where it listens.

        Raises:
            SettingsError: ``listen_address`` is malformed.
            OSError: The address cannot be bound.
        """
        if not self.settings.listen_address:
            return
        address = parse_address(self.settings.listen_address)
        self.port = await self._endpoints.open(address)
        log.info("listening", extra={"address": f"{address.host}:{self.port}"})
        if self.settings.port_file:
            write_port(Path(self.settings.port_file), self.port)

    async def close(self) -> None:
        """Stops the HTTP server."""
        await self._endpoints.close()
