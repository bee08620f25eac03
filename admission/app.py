"""The webhook put together: informers know, the server answers, the keeper sees to trust."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from admission.authority import MemoryAuthority
from admission.authority_store import AuthorityStore
from admission.certificates import CertificateSource, FileCertificates, IssuedCertificates
from admission.derived import check_settings, nameplates_of, serving_names
from admission.feeds import Feeds
from admission.keeper import CertificateKeeper, Keeper, Registrar
from admission.metrics import AdmissionMetrics
from admission.racks import RackIndex
from admission.reviewer import Reviewer
from admission.server import WebhookServer
from admission.settings import AdmissionSettings
from admission.tls_context import server_context
from admission.validation.validator import Validator
from common.api.resource import Resource
from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.informer import Informer
from common.service.app import Service
from common.service.endpoints import write_port
from common.webhook.registration import (
    CONFIGURATION_NAME,
    CONFIGURATIONS,
    VALIDATIONS,
    WebhookConfiguration,
)

log = logging.getLogger(__name__)


class Admission:
    """The program behind ``python -m admission``."""

    def __init__(self, service: Service, settings: AdmissionSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self._metrics = AdmissionMetrics(service.registry)
        self._context = server_context()

    async def run(self) -> None:
        """Serves until cancelled; with ``once``, makes certificate and registration right and returns.

        Raises:
            SettingsError: Settings contradict each other.
            ConfigError: There is no cluster to be found.
        """
        check_settings(self._settings)
        async with Client(load_config(self._settings.kubeconfig), user_agent="climatik-admission") as client:
            if self._settings.once:
                await self._register_once(client)
            else:
                await self._serve(client)

    async def _register_once(self, client: Client) -> None:
        keeper = self._keeper(client, self._certificates(client), self._registrar(client))
        if not await keeper.once():
            raise RuntimeError("certificate or registration could not be made right; the log says why")

    async def _serve(self, client: Client) -> None:
        racks = RackIndex(self._clock, self._settings.placement_age_seconds)
        feeds = Feeds(client, nameplates_of(self._settings), racks)
        reviewer = Reviewer(feeds.knowledge, self._metrics, dry_run=self._settings.dry_run)
        validator = Validator(feeds.surroundings, self._metrics)
        server = WebhookServer(reviewer, self._metrics, self._context, self._settings, validator)
        certificates, registrar = self._certificates(client), self._registrar(client)
        keeper = self._keeper(client, certificates, registrar)
        self._add_checks(feeds, certificates)
        async with asyncio.TaskGroup() as group:
            feeds.start(group)
            port = await self._open(server)
            if registrar is not None:
                registrar.bound_port = port
                group.create_task(self._watch_configuration(client, CONFIGURATIONS, keeper))
                group.create_task(self._watch_configuration(client, VALIDATIONS, keeper))
            group.create_task(keeper.run())
            await self._until_stopped(server)

    async def _open(self, server: WebhookServer) -> int:
        port = await server.open()
        log.info("webhook listening", extra={"port": port})
        if self._settings.webhook_port_file:
            write_port(Path(self._settings.webhook_port_file), port)
        return port

    async def _until_stopped(self, server: WebhookServer) -> None:
        """Waits for the stop, then goes on answering until nobody asks any more."""
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(self._settings.drain_seconds)
            await server.close()

    async def _watch_configuration(
        self, client: Client, resource: Resource[WebhookConfiguration], keeper: Keeper
    ) -> None:
        informer = Informer(client, resource, field_selector=f"metadata.name={CONFIGURATION_NAME}")
        informer.on_change(keeper.wake)
        await informer.run()

    def _certificates(self, client: Client) -> CertificateKeeper:
        return CertificateKeeper(self._source(client), self._context, self._metrics)

    def _source(self, client: Client) -> CertificateSource:
        settings = self._settings
        if settings.tls_cert_file:
            return FileCertificates(
                Path(settings.tls_cert_file), Path(settings.tls_key_file), Path(settings.ca_file)
            )
        store = MemoryAuthority() if settings.dry_run else AuthorityStore(client, settings.namespace)
        return IssuedCertificates(
            store, serving_names(settings), timedelta(hours=settings.leaf_lifetime_hours)
        )

    def _registrar(self, client: Client) -> Registrar | None:
        wanted = self._settings.register and not self._settings.dry_run
        return Registrar(client, self._settings, self._metrics) if wanted else None

    def _keeper(self, client: Client, certificates: CertificateKeeper, registrar: Registrar | None) -> Keeper:
        on_error = self._metrics.registrations.labels("failed").inc
        return Keeper(certificates, registrar, self._clock, self._settings.refresh_seconds, on_error)

    def _add_checks(self, feeds: Feeds, certificates: CertificateKeeper) -> None:
        health = self._service.health
        health.ready("certificate", lambda: certificates.check(self._clock.now()))
        for name, check in feeds.checks():
            health.ready(name, check)
