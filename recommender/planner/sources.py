"""What plans are made from, kept up to date: caches of the API server and samples from Prometheus."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack

from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.service.beside import beside
from common.telemetry.errors import TelemetryError
from common.telemetry.freshness import Freshness
from common.telemetry.load import read_load
from common.telemetry.prometheus import Prometheus, PrometheusSettings
from recommender.input.meter import Meter
from recommender.logic.attribute import attribute
from recommender.model.draws import Draws
from recommender.planner.config import PlannerSettings, recent_samples
from recommender.planner.inventory import Inventory
from recommender.planner.knowledge import Knowledge
from recommender.planner.observe import Samples, pods_of
from recommender.planner.service_state import ServiceKey, ServiceState

log = logging.getLogger(__name__)


class Sources:
    """States of services; first ``prepare``, then ``read`` now and then.

    Attributes:
        problem: Why power or load could not be read the last time; empty where both were.
    """

    def __init__(self, settings: PlannerSettings, clock: Clock | None = None) -> None:
        self.problem = ""
        self._settings = settings
        self._clock = clock or SystemClock()
        recent = recent_samples(settings, settings.interval_seconds)
        self._samples = Samples(settings.quantile_deviations, recent)
        self._inventory: Inventory | None = None
        self._knowledge: Knowledge | None = None
        self._prometheus: Prometheus | None = None
        self._meter: Meter | None = None

    async def open(self, stack: AsyncExitStack) -> tuple[Client, Prometheus | None]:
        """Connects to the API server and to Prometheus; both are closed with the stack."""
        settings = self._settings
        client = await stack.enter_async_context(
            Client(load_config(settings.kubeconfig), user_agent="climatik-planner", clock=self._clock)
        )
        if settings.prometheus_url:
            self._prometheus = await stack.enter_async_context(Prometheus(_prometheus(settings)))
        return client, self._prometheus

    async def prepare(self, client: Client, stack: AsyncExitStack) -> None:
        """Fills the caches and takes the first sample; watches end with the stack."""
        settings = self._settings
        self._meter = Meter(self._prometheus, self._clock, settings.detect_seconds)
        inventory = Inventory.of(client)
        await stack.enter_async_context(beside(inventory.run()))
        await inventory.wait_synced()
        self._inventory = inventory
        self._knowledge = Knowledge(settings, inventory, self._samples)
        await self.read()

    async def read(self) -> None:
        """Takes one sample of every service; what Prometheus cannot tell is left to the next one."""
        assert self._meter is not None
        assert self._inventory is not None
        if self._prometheus is None or not await self._meter.read():
            self.problem = self._meter.problem
            return
        try:
            load = await read_load(self._prometheus, self._clock.now().timestamp())
        except TelemetryError as error:
            log.warning("load cannot be read", extra={"error": str(error)})
            self.problem = str(error)
            return
        self.problem = self._meter.problem
        draws = self._draws(self._meter)
        self._samples.add(pods_of(load, draws), self._inventory.pod_services())

    def _draws(self, meter: Meter) -> Draws:
        """Attributes the last reading to pods, by the same rules as the recommender."""
        assert self._inventory is not None
        if meter.last is None:
            return Draws()
        fresh = Freshness(meter.dialects).fresh(meter.last, self._clock.now().timestamp())
        windows = {dialect.name: dialect.window_seconds for dialect in meter.dialects}
        return attribute(fresh, self._inventory.views(), windows, at=meter.last.at)

    def unready(self) -> str | None:
        """Says why nothing can be planned yet; None when all is well."""
        if self._inventory is None:
            return "waiting for the first list of deployments, pods and policies"
        return self._inventory.unsynced()

    def state(self, key: ServiceKey) -> ServiceState | None:
        """Returns the state of a service; None for one that is not there."""
        assert self._knowledge is not None
        return self._knowledge.state(key)

    def services(self) -> list[ServiceKey]:
        """Returns all Deployments."""
        assert self._inventory is not None
        return sorted(ServiceKey(one.namespace, one.name) for one in self._inventory.deployments.items())


def _prometheus(settings: PlannerSettings) -> PrometheusSettings:
    return PrometheusSettings(
        url=settings.prometheus_url,
        token_file=settings.prometheus_token_file,
        ca_file=settings.prometheus_ca_file,
    )
