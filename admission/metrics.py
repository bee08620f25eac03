"""The webhook's own metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


class AdmissionMetrics:
    """Counters and histograms of requests, reservations, registration and certificate."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "climatik_admission_requests_total",
            "Requests by what became of them.",
            ["result"],
            registry=registry,
        )
        self.seconds = Histogram(
            "climatik_admission_request_seconds",
            "From the first byte of a request's head to its answer.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.connections = Counter(
            "climatik_admission_connections_total",
            "TLS connections; far fewer than requests, as an API server keeps them.",
            registry=registry,
        )
        self.reserved_watts = Counter(
            "climatik_admission_reserved_watts_total", "Watts reserved for new pods.", registry=registry
        )
        self.registrations = Counter(
            "climatik_admission_registrations_total",
            "Checks of the webhook configuration by what they came to.",
            ["result"],
            registry=registry,
        )
        self.validations = Counter(
            "climatik_admission_validations_total",
            "Reviews of PowerCappingPolicies and PowerDomains by what they came to.",
            ["result"],
            registry=registry,
        )
        self.certificate_end = Gauge(
            "climatik_admission_certificate_expiry_timestamp_seconds",
            "When the serving certificate ends, in Unix time.",
            registry=registry,
        )
