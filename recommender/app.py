"""The recommender put together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.discovery import load_config
from common.service.app import Service
from common.telemetry.prometheus import Prometheus, PrometheusSettings
from recommender.config import RecommenderSettings
from recommender.engine import Engine
from recommender.input.cluster import Cluster
from recommender.input.readings import Readings
from recommender.loop import Loop
from recommender.model.memory import Memory
from recommender.output.metrics import RecommenderMetrics
from recommender.output.writer import Writer
from recommender.routine import Routine


class Recommender:
    """One process: caches, meter, engine and writer."""

    def __init__(self, service: Service, settings: RecommenderSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()

    async def run(self) -> None:
        """Runs until cancelled, or once where the settings say so."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                Client(load_config(settings.kubeconfig), user_agent="climatik-recommender", clock=self._clock)
            )
            prometheus = self._prometheus()
            if prometheus is not None:
                await stack.enter_async_context(prometheus)
            cluster = Cluster(client)
            self._service.health.ready("caches", cluster.unsynced)
            loop = self._loop(client, cluster, prometheus)
            watching = asyncio.create_task(cluster.run())
            stack.callback(watching.cancel)
            await cluster.wait_synced()
            await (loop.once() if settings.once else loop.run())

    def _prometheus(self) -> Prometheus | None:
        settings = self._settings
        if not settings.prometheus_url:
            return None
        return Prometheus(
            PrometheusSettings(
                url=settings.prometheus_url,
                token_file=settings.prometheus_token_file,
                ca_file=settings.prometheus_ca_file,
                deadline_seconds=settings.prometheus_deadline_seconds,
            )
        )

    def _loop(self, client: Client, cluster: Cluster, prometheus: Prometheus | None) -> Loop:
        settings = self._settings
        metrics = RecommenderMetrics(self._service.registry)
        readings = Readings(settings, cluster, prometheus, self._clock)
        engine = Engine(readings.meter, metrics, Memory())
        writer = Writer(client, settings.refresh_seconds, dry_run=settings.dry_run)
        routine = Routine(cluster, engine, writer, metrics, self._clock)
        self._service.add_metrics_renderer(routine.page.render)
        return Loop(settings, cluster, readings, engine, routine, self._clock)
