"""Metrics of the alerts process."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from common.alerts.notice import Notice


class AlertMetrics:
    """What fires, what waits, what was sent and what was lost."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._firing = Gauge(
            "climatik_alerts_firing", "Alerts that fire.", ["alert", "severity"], registry=registry
        )
        self.queued = Gauge(
            "climatik_alerts_queued", "Alerts that wait for a sink.", ["sink"], registry=registry
        )
        self.sent = Counter("climatik_alerts_sent_total", "Alerts delivered.", ["sink"], registry=registry)
        self.failures = Counter(
            "climatik_alerts_failures_total", "Deliveries that failed and are tried again.", ["sink"],
            registry=registry,
        )  # fmt: skip
        self.dropped = Counter(
            "climatik_alerts_dropped_total", "Alerts given up: refused by the sink, or the queue was full.",
            ["sink"], registry=registry,
        )  # fmt: skip
        self.errors = Counter(
            "climatik_alerts_object_errors_total", "Objects whose facts could not be derived.", ["kind"],
            registry=registry,
        )  # fmt: skip

    def show_firing(self, notices: Iterable[Notice]) -> None:
        """Sets the gauge of what fires."""
        self._firing.clear()
        for (name, severity), count in Count((each.name, each.severity) for each in notices).items():
            self._firing.labels(name, severity).set(count)
