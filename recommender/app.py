"""The recommender put together."""

from __future__ import annotations

from contextlib import AsyncExitStack

from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.service.app import Service
from common.service.beside import beside
from common.telemetry.direct.scraper import Scraper
from common.telemetry.prometheus import PowerQueries
from recommender.background import Background, BackgroundSettings
from recommender.checkpoint.config_maps import ConfigMapStore
from recommender.checkpoint.file import FileStore
from recommender.checkpoint.store import CheckpointStore
from recommender.config import RecommenderSettings
from recommender.engine import Engine
from recommender.input.cluster import Cluster
from recommender.input.connect import open_prometheus
from recommender.input.direct import DirectMeter
from recommender.input.meter import PowerMeter
from recommender.input.readings import Readings
from recommender.input.sweeps import read_tables
from recommender.logic.targets import Targets, find_targets
from recommender.loop import Loop
from recommender.model.memory import Memory
from recommender.model.rises import DomainRises
from recommender.model.slowdowns import SlowdownLibrary
from recommender.output.metrics import RecommenderMetrics
from recommender.output.writer import Writer
from recommender.planning import Planning, Shared, open_planning
from recommender.routine import Routine


class Recommender:
    """One process: caches, meter, engine and writer."""

    def __init__(self, service: Service, settings: RecommenderSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self._planning = Planning()

    async def run(self) -> None:
        """Runs until cancelled, or once where the settings say so."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                Client(load_config(settings.kubeconfig), user_agent="climatik-recommender", clock=self._clock)
            )
            prometheus = await open_prometheus(settings, stack)
            cluster = Cluster(client)
            self._service.health.ready("caches", cluster.unsynced)
            meter = None if prometheus else await self._direct_meter(cluster, stack)
            shared = Shared(client, cluster, prometheus, self._clock, self._service.registry)
            self._planning = await open_planning(settings, shared, stack)
            loop = self._loop(client, cluster, prometheus, meter)
            await stack.enter_async_context(beside(cluster.run()))
            await cluster.wait_synced()
            if settings.once:
                await self._background.remember()
                await loop.once()
                return
            async with beside(self._background.run()):
                await loop.run()

    def _store(self, client: Client) -> CheckpointStore | None:
        settings = self._settings
        if settings.dry_run:
            return None
        if settings.checkpoint_file:
            return FileStore(settings.checkpoint_file)
        return ConfigMapStore(client, settings.namespace) if settings.checkpoint_config_maps else None

    async def _direct_meter(self, cluster: Cluster, stack: AsyncExitStack) -> DirectMeter:
        settings = self._settings
        scraper = await stack.enter_async_context(Scraper(self._clock, settings.direct_deadline_seconds))
        exporters = [url.strip() for url in settings.dcgm_exporter_urls.split(",") if url.strip()]

        def targets() -> Targets:
            nodes, frequencies = cluster.nodes.items(), cluster.frequencies.items()
            return find_targets(nodes, frequencies, settings.agent_metrics_port, exporters)

        return DirectMeter(scraper, targets, settings.direct_most_nodes, self._clock)

    def _loop(
        self, client: Client, cluster: Cluster, prometheus: PowerQueries | None, meter: PowerMeter | None
    ) -> Loop:
        settings = self._settings
        metrics = RecommenderMetrics(self._service.registry)
        readings = Readings(settings, cluster, prometheus, self._clock, meter)
        memory = Memory(
            slowdowns=SlowdownLibrary(read_tables(settings.slowdown_sweeps)),
            rises=DomainRises(settings.interval_seconds + settings.actuation_seconds),
        )
        engine = Engine(readings.meter, metrics, memory)
        engine.fleet, engine.shifter = self._planning.fleet, self._planning.shifter
        background = BackgroundSettings(settings.read_past, settings.checkpoint_seconds)
        self._background = Background(
            memory, prometheus, self._store(client), background, metrics, self._clock
        )
        writer = Writer(client, settings.refresh_seconds, dry_run=settings.dry_run)
        routine = Routine(cluster, engine, writer, metrics, self._clock)
        readings.drawn = routine.page.drawn
        self._service.add_metrics_renderer(routine.page.render)
        return Loop(settings, cluster, readings, engine, routine, self._clock)
