"""Keeps certificate and registration as they should be, for as long as the process lives."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from admission.certificates import CertificateSource, Served
from admission.configuration import desired_configuration, desired_validation, is_in_place
from admission.metrics import AdmissionMetrics
from admission.settings import AdmissionSettings
from common.api.names import MANAGER_ADMISSION
from common.api.resource import Resource
from common.clock import Clock
from common.kube.client import Client
from common.kube.errors import KubeError, NotFound
from common.service.settings import SettingsError
from common.webhook.registration import (
    CONFIGURATION_NAME,
    CONFIGURATIONS,
    VALIDATIONS,
    WebhookConfiguration,
)

log = logging.getLogger(__name__)

_LEAST_PAUSE_SECONDS: Final = 1.0
"""Between two passes, so that two writers that disagree do not flood the API server."""


class CertificateKeeper:
    """Refreshes the serving certificate, and knows whether it is fit to serve."""

    def __init__(self, source: CertificateSource, context: ssl.SSLContext, metrics: AdmissionMetrics) -> None:
        self._source = source
        self._context = context
        self._metrics = metrics
        self.served: Served | None = None
        self.trouble = ""

    async def refresh(self, now: datetime) -> Served | None:
        """Refreshes, and returns what is served; what was served before is kept when that fails."""
        try:
            self.served = await self._source.refresh(self._context, now)
            self.trouble = ""
            self._metrics.certificate_end.set(self.served.not_after.timestamp())
        except (KubeError, SettingsError) as error:
            self.trouble = str(error)
            log.error("certificate not refreshed", extra={"error": self.trouble})
        return self.served

    def check(self, now: datetime) -> str | None:
        """Returns what is wrong with the certificate, or None."""
        if self.served is None:
            return self.trouble or "not yet issued"
        if now >= self.served.not_after:
            return f"expired at {self.served.not_after:%Y-%m-%dT%H:%M:%SZ}; {self.trouble}"
        return None


class Registrar:
    """Applies both webhook configurations where the live one is not as it should be; never deletes them."""

    def __init__(self, client: Client, settings: AdmissionSettings, metrics: AdmissionMetrics) -> None:
        self._client = client
        self._settings = settings
        self._metrics = metrics
        self.bound_port = 0

    async def ensure(self, served: Served) -> None:
        """Reads the live configurations and writes ours where they differ.

        Raises:
            KubeError: The API server refused, or could not be reached.
        """
        where = self._settings, served.ca_bundle_pem, self.bound_port
        await self._ensure(CONFIGURATIONS, desired_configuration(*where))
        await self._ensure(VALIDATIONS, desired_validation(*where))

    async def _ensure(self, resource: Resource[WebhookConfiguration], desired: dict[str, Any]) -> None:
        if is_in_place(await self._live(resource), desired):
            self._metrics.registrations.labels("unchanged").inc()
            return
        await self._client.apply(resource, desired, field_manager=MANAGER_ADMISSION)
        self._metrics.registrations.labels("written").inc()
        log.info("webhook registered", extra={"kind": resource.kind, "configuration": CONFIGURATION_NAME})

    async def _live(self, resource: Resource[WebhookConfiguration]) -> WebhookConfiguration | None:
        try:
            return await self._client.get(resource, CONFIGURATION_NAME)
        except NotFound:
            return None


class Keeper:
    """One pass now, one at every change of the configuration, and one every ``refresh_seconds``."""

    def __init__(
        self,
        certificates: CertificateKeeper,
        registrar: Registrar | None,
        clock: Clock,
        refresh_seconds: float,
        on_error: Callable[[], None],
    ) -> None:
        self._certificates = certificates
        self._registrar = registrar
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._on_error = on_error
        self._changed = asyncio.Event()

    def wake(self, *_: object) -> None:
        """Asks for a pass soon; fit to be an informer's change handler."""
        self._changed.set()

    async def once(self) -> bool:
        """Makes one pass; True when certificate and registration are as they should be."""
        served = await self._certificates.refresh(self._clock.now())
        if served is None or self._registrar is None:
            return served is not None and not self._certificates.trouble
        try:
            await self._registrar.ensure(served)
        except KubeError as error:
            self._on_error()
            log.error("webhook not registered", extra={"error": str(error)})
            return False
        return not self._certificates.trouble

    async def run(self) -> None:
        """Makes passes until cancelled."""
        while True:
            self._changed.clear()
            fine = await self.once()
            await asyncio.sleep(_LEAST_PAUSE_SECONDS)
            await self._wait(self._refresh_seconds if fine else min(5.0, self._refresh_seconds))

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
