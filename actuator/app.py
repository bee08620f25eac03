"""Wires the actuator together: client, informers, election, term of office."""

from __future__ import annotations

import asyncio
import logging

from actuator.config import ActuatorSettings
from actuator.input.sources import Sources
from actuator.output.metrics import ActuatorMetrics
from actuator.output.narrator import Narrator
from actuator.release import release_all
from actuator.term import Term
from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.election import LeaderElector, Leadership
from common.kube.errors import KubeError
from common.kube.events import EventRecorder
from common.service.app import Service
from common.service.beside import beside
from common.service.settings import SettingsError

log = logging.getLogger(__name__)

LEASE = "climatik-actuator"
_RETRY_SECONDS = 2.0


class Actuator:
    """The process: informers run all the time, rounds only while it leads."""

    def __init__(self, service: Service, settings: ActuatorSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self._metrics = ActuatorMetrics(service.registry)
        self._term: Term | None = None
        self.unreleased: list[str] = []

    async def run(self) -> None:
        """Runs until cancelled; with ``once``, for one round; with ``release_all``, until all is released.

        Raises:
            SettingsError: ``release_all`` in a dry run.
        """
        if self._settings.release_all and self._settings.dry_run:
            raise SettingsError(
                "--release-all gives everything back, --dry-run changes nothing: leave one of them out"
                " (kubectl climatik uninstall --dry-run says what would be given back)"
            )
        config = load_config(self._settings.kubeconfig)
        async with Client(config, user_agent="climatik-actuator", clock=self._clock) as client:
            sources = Sources(client, self._settings.namespace)
            events = EventRecorder(client, "climatik-actuator", self._clock)
            self._service.health.ready("informers", lambda: _missing(sources))
            sources.on_change(self._wake)
            async with beside(sources.run(), events.run()):
                await self._campaign(client, sources, Narrator(events, self._clock))

    def _wake(self) -> None:
        """Asks for a round, if there is a term."""
        if self._term is not None:
            self._term.wake()

    async def _campaign(self, client: Client, sources: Sources, narrator: Narrator) -> None:
        elector = LeaderElector(
            client, LEASE, self._settings.namespace, self._settings.holder(), clock=self._clock
        )
        if self._settings.dry_run:
            await sources.wait_synced()
            await self._lead(client, sources, narrator, Leadership(elector, _NO_EPOCH, float("inf")))
            return

        async def lead(leadership: Leadership) -> None:
            self._metrics.leader.set(1)
            try:
                await self._lead(client, sources, narrator, leadership)
            finally:
                self._metrics.leader.set(0)

        await elector.run(lead)

    async def _lead(
        self, client: Client, sources: Sources, narrator: Narrator, leadership: Leadership
    ) -> None:
        """Starts terms until one ends by itself; a start that fails is tried again."""
        while True:
            try:
                if self._settings.release_all:
                    self.unreleased = await release_all(client, sources, self._settings, leadership)
                    return
                self._term = Term(client, sources, self._settings, self._metrics, narrator, self._clock)
                await self._term.run(leadership)
                return
            except (KubeError, TimeoutError) as error:
                log.warning("the term could not start", extra={"error": str(error) or "caches lag"})
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                self._term = None


_NO_EPOCH = 2**31
"""The epoch of a dry run: later than any that objects bear, and written nowhere."""


def _missing(sources: Sources) -> str | None:
    missing = sources.unsynced()
    return f"no full picture yet of {', '.join(missing)}" if missing else None
