"""One term of a leader: catch up, shut the predecessor out, then a round at every change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from actuator.audit.journal import Journal
from actuator.audit.keeper import RecordKeeper
from actuator.audit.teller import Teller
from actuator.conductor import Conductor, Tools
from actuator.config import ActuatorSettings
from actuator.grants import Grants
from actuator.input.moves import MovesView
from actuator.input.picture import Picture
from actuator.input.sources import Sources
from actuator.ladder.action import Rung
from actuator.levers.hot_nodes import HotNodes
from actuator.levers.movers import Mover
from actuator.levers.place_store import PlaceStore
from actuator.levers.registry import levers
from actuator.output.metrics import ActuatorMetrics
from actuator.output.narrator import Narrator
from actuator.output.writer import Writer
from actuator.scaling.announce import Announcer
from actuator.scaling.reconcile import Gate, ScalingKeeper
from common.clock import Clock
from common.kube.client import Client
from common.kube.election import Leadership

log = logging.getLogger(__name__)

SHORTEST_ROUND_SECONDS = 0.05
"""Changes that come this close together are looked at in one round."""


class Term:
    """Runs rounds while the leadership is valid. Everything that it remembers ends with it."""

    def __init__(
        self,
        client: Client,
        sources: Sources,
        settings: ActuatorSettings,
        metrics: ActuatorMetrics,
        narrator: Narrator,
        clock: Clock,
    ) -> None:
        self._client = client
        self._sources = sources
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._wake = asyncio.Event()
        self._leadership: Leadership | None = None
        self._writer = Writer(
            client,
            metrics,
            parallel=settings.parallel_writes,
            dry_run=settings.dry_run,
            may_write=self._may_write,
        )
        self._grants = Grants(settings, self._writer, metrics, narrator)
        self._journal = Journal()
        self._ceilings = ScalingKeeper(
            client,
            sources.scaling,
            Announcer(metrics.ceilings, narrator.events, self._journal),
            Gate(settings.gate(), settings.namespace),
            self._may_change,
        )
        store = PlaceStore(client, settings.placeholder_image, settings.places_namespace)
        self._teller = Teller(narrator.events, metrics.ladder)
        self._levers = levers(client, self._may_write, store, settings.migration())
        evict = self._levers[Rung.EVICT]
        self._mover = Mover(client, store, evict, MovesView(sources), self._teller, self._may_change)
        self._hot = HotNodes(
            client,
            sources.picture,
            settings.hot(),
            self._may_change,
            enabled=settings.taint_hot_nodes,
        )
        self._conductor = Conductor(self._tools(), settings)

    def wake(self) -> None:
        """Asks for a round."""
        self._wake.set()

    async def run(self, leadership: Leadership) -> None:
        """Leads until cancelled; with ``once``, for one round.

        Raises:
            TimeoutError: The caches did not catch up.
            KubeError: The epoch could not be raised.
        """
        self._leadership = leadership
        await self._sources.catch_up(self._settings.catch_up_seconds)
        await self._claim(leadership, self._sources.picture())
        beside = [asyncio.create_task(self._ceilings.run())]
        if not self._settings.once:  # a single look cannot tell whether lower rungs cure a breach
            beside.append(asyncio.create_task(self._conductor.run()))
            beside.append(asyncio.create_task(self._mover.run()))
            beside.append(asyncio.create_task(self._hot.run()))
        try:
            while True:
                self._wake.clear()
                took = self._round_safely(leadership.epoch)
                if self._settings.once:
                    return
                await asyncio.sleep(max(SHORTEST_ROUND_SECONDS, took))
                await self._pause()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await (self._writer.drain() if self._settings.once else self._writer.cancel())

    def _tools(self) -> Tools:
        return Tools(
            client=self._client,
            sources=self._sources,
            workloads=self._sources.workloads,
            keeper=RecordKeeper(self._client, self._settings.namespace),
            levers=self._levers,
            teller=self._teller,
            metrics=self._metrics.ladder,
            clock=self._clock,
            moved=self._mover.ended,
            journal=self._journal,
        )

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._settings.tick_seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _claim(self, leadership: Leadership, picture: Picture) -> None:
        """Makes sure that no object out there bears this epoch, or a later one, already."""
        highest = max(_epochs(picture), default=0)
        if highest >= leadership.epoch:
            await leadership.raise_epoch(highest + 1)
        self._metrics.epoch.set(leadership.epoch)

    def _may_write(self) -> bool:
        return self._leadership is not None and self._leadership.valid()

    def _may_change(self) -> bool:
        return self._may_write() and not self._settings.dry_run

    def _now(self) -> datetime:
        """Returns the API server's time: heartbeats are compared with it (rule 6)."""
        return self._clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)

    def _round_safely(self, epoch: int) -> float:
        """Does a round; returns the seconds that it took, so that as much is left for everything else."""
        started = self._clock.monotonic()
        try:
            with self._metrics.rounds.time():
                self._round(epoch)
        except Exception as error:  # one broken round must not end the heartbeats
            self._metrics.errors.labels(type(error).__name__).inc()
            log.exception("a round failed")
        return self._clock.monotonic() - started

    def _round(self, epoch: int) -> None:
        picture = self._sources.picture()
        self._grants.round(picture, epoch, self._now())
        self._ceilings.tend(picture.policies, picture.paused_namespaces)


def _epochs(picture: Picture) -> Iterable[int]:
    for item in picture.objects.values():
        if item.spec.power_budget is not None:
            yield item.spec.power_budget.leader_epoch
    for domain in picture.domains.values():
        if domain.status.enforcement is not None:
            yield domain.status.enforcement.leader_epoch
