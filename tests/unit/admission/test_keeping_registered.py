"""Certificate and registration are kept right: checked in time, repaired after a change, never given up."""

import asyncio
import ssl
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from admission.certificates import Served
from admission.keeper import CertificateKeeper, Keeper, Registrar
from admission.metrics import AdmissionMetrics
from admission.settings import AdmissionSettings
from common.kube.errors import ConnectionFailed, NotFound, Status
from common.webhook.registration import CONFIGURATIONS, VALIDATIONS

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FixedClock:
    def now(self):
        return NOW

    def monotonic(self):
        return asyncio.get_running_loop().time()


class Source:
    """A certificate source that fails while it has trouble."""

    def __init__(self):
        self.trouble = None
        self.bundle = b"pem"

    async def refresh(self, context: ssl.SSLContext, now: datetime) -> Served:
        if self.trouble:
            raise self.trouble
        return Served(self.bundle, NOW + timedelta(hours=1))


class Server:
    """Stands in for the API client: holds configurations by kind, counts what is asked about the first."""

    def __init__(self):
        self.live = {}
        self.read = Counter()
        self.written = Counter()
        self.trouble = None

    @property
    def reads(self):
        return self.read[CONFIGURATIONS.kind]

    @property
    def writes(self):
        return self.written[CONFIGURATIONS.kind]

    async def get(self, resource, name):
        self.read[resource.kind] += 1
        if self.trouble:
            raise self.trouble
        if resource.kind not in self.live:
            raise NotFound(Status(code=404))
        return self.live[resource.kind]

    async def apply(self, resource, body, *, field_manager):
        self.written[resource.kind] += 1
        self.live[resource.kind] = msgspec.convert(body, resource.type)
        return self.live[resource.kind]


class Setup:
    def __init__(self):
        self.registry = CollectorRegistry()
        metrics = AdmissionMetrics(self.registry)
        self.source, self.server = Source(), Server()
        self.certificates = CertificateKeeper(self.source, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), metrics)
        registrar = Registrar(self.server, AdmissionSettings(), metrics)  # type: ignore[arg-type]
        on_error = metrics.registrations.labels("failed").inc
        self.keeper = Keeper(self.certificates, registrar, FixedClock(), 60.0, on_error)

    def count(self, result):
        return self.registry.get_sample_value("climatik_admission_registrations_total", {"result": result})


@pytest.fixture
def setup():
    return Setup()


async def test_registration_is_written_once_and_left_while_it_is_right(setup):
    assert await setup.keeper.once()
    assert await setup.keeper.once()
    assert (setup.server.reads, setup.server.writes) == (2, 1)
    assert (setup.count("written"), setup.count("unchanged")) == (2, 2)


async def test_both_configurations_are_kept_each_by_itself(setup):
    await setup.keeper.once()
    assert set(setup.server.live) == {CONFIGURATIONS.kind, VALIDATIONS.kind}
    del setup.server.live[VALIDATIONS.kind]
    await setup.keeper.once()
    assert setup.server.written == {CONFIGURATIONS.kind: 1, VALIDATIONS.kind: 2}


async def test_new_bundle_is_registered(setup):
    await setup.keeper.once()
    setup.source.bundle = b"successor"
    await setup.keeper.once()
    assert setup.server.writes == 2


async def test_failure_is_counted_and_told_and_the_old_certificate_stays(setup):
    await setup.keeper.once()
    setup.source.trouble = ConnectionFailed("refused")
    assert not await setup.keeper.once()
    assert setup.certificates.check(NOW) is None
    assert setup.certificates.check(NOW + timedelta(hours=2)) == "expired at 2026-01-01T01:00:00Z; refused"


async def test_no_certificate_is_a_reason_not_to_be_ready(setup):
    assert setup.certificates.check(NOW) == "not yet issued"
    setup.source.trouble = ConnectionFailed("refused")
    assert not await setup.keeper.once()
    assert setup.certificates.check(NOW) == "refused"
    assert setup.server.reads == 0, "nothing is registered that nobody could trust"


async def test_registration_that_fails_is_counted_and_does_not_end_the_loop(setup):
    setup.server.trouble = ConnectionFailed("refused")
    assert not await setup.keeper.once()
    assert setup.count("failed") == 1


@pytest.mark.looptime
async def test_checks_come_once_a_minute_sooner_after_a_failure_and_at_once_after_a_change(setup):
    running = asyncio.create_task(setup.keeper.run())
    await asyncio.sleep(0.5)
    assert setup.server.reads == 1
    await asyncio.sleep(62)
    assert setup.server.reads == 2
    setup.keeper.wake()
    await asyncio.sleep(2)
    assert setup.server.reads == 3
    setup.server.trouble = ConnectionFailed("refused")
    setup.keeper.wake()
    await asyncio.sleep(14)
    assert setup.server.reads == 6
    running.cancel()


@pytest.mark.looptime
async def test_two_writers_that_disagree_do_not_flood_the_server(setup):
    running = asyncio.create_task(setup.keeper.run())
    for _ in range(100):
        setup.keeper.wake()
        await asyncio.sleep(0.1)
    assert setup.server.reads <= 11
    running.cancel()
