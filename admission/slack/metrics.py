"""The Slack app's own metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)


class SlackMetrics:
    """Requests by what became of them, actions by outcome, and how long answers took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "climatik_slack_requests_total",
            "Requests from outside by what became of them.",
            ["result"],
            registry=registry,
        )
        self.actions = Counter(
            "climatik_slack_actions_total",
            "Actions of people by outcome.",
            ["action", "outcome"],
            registry=registry,
        )
        self.seconds = Histogram(
            "climatik_slack_answer_seconds",
            "From a request to its direct answer; Slack gives up after 3.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.late = Counter(
            "climatik_slack_late_answers_total",
            "Answers by response_url by what became of them.",
            ["result"],
            registry=registry,
        )
