"""A webhook's server on a free port, with an authority of its own."""

import ssl
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from admission.authority import new_authority
from admission.leaf import issue_leaf
from admission.metrics import AdmissionMetrics
from admission.server import PATH, WebhookServer
from admission.settings import AdmissionSettings
from admission.tls_context import server_context, use_certificate

PATIENT = AdmissionSettings(webhook_listen_address="127.0.0.1:0", max_body_bytes=1000)


class Echo:
    """Stands in for the reviewer: says how much it was given."""

    def answer(self, body: bytes) -> bytes:
        return b'{"bytes": %d}' % len(body)


class Setup:
    """The server, what trusts it, and what it counted."""

    def __init__(self, settings: AdmissionSettings) -> None:
        now = datetime.now(UTC)
        authority, context = new_authority(now), server_context()
        use_certificate(context, issue_leaf(authority, ["127.0.0.1"], timedelta(hours=1), now).pem)
        self.registry = CollectorRegistry()
        self.server = WebhookServer(Echo(), AdmissionMetrics(self.registry), context, settings)  # type: ignore[arg-type]
        self.trust = ssl.create_default_context(cadata=authority.bundle_pem.decode())
        self.port = 0

    def post(self, session, data, path=PATH, **options):
        return session.post(f"https://127.0.0.1:{self.port}{path}", data=data, ssl=self.trust, **options)

    def count(self, result):
        return self.registry.get_sample_value("climatik_admission_requests_total", {"result": result})
