"""Metrics of the ladder."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from actuator.ladder.action import Outcome, Rung
from actuator.ladder.scene import Level

_SECONDS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600)


class LadderMetrics:
    """Breaches, what was done about them, and what was not and why."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.breaches = Gauge(
            "climatik_actuator_breaches", "Subjects over their cap now.", ["kind"], registry=registry
        )
        self.refusals = Counter(
            "climatik_actuator_refusals_total",
            "Actions that the ladder wanted and the gate refused, counted when a refusal begins.",
            ["reason"],
            registry=registry,
        )
        self.actions = Counter(
            "climatik_actuator_actions_total", "Actions by rung and how they ended.", ["rung", "result"],
            registry=registry,
        )  # fmt: skip
        self.delay = Histogram(
            "climatik_actuator_action_delay_seconds",
            "From the start of a breach to the first action that stops pods.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.ladder_rounds = Histogram(
            "climatik_actuator_ladder_round_seconds", "Time of one round of the ladder.", registry=registry
        )

    def show(self, levels: Iterable[Level]) -> None:
        """Publishes how many subjects are over their cap."""
        counts = dict.fromkeys(("policy", "node", "domain"), 0)
        for level in levels:
            if level.excess_watts > 0:
                counts[level.subject.partition("/")[0]] += 1
        for kind, count in counts.items():
            self.breaches.labels(kind).set(count)

    def moved(self, reason: str) -> None:
        """Counts how a move ended, which its eviction had begun."""
        self.actions.labels(Rung.MIGRATE.name, reason).inc()

    def ended(self, outcome: Outcome) -> None:
        """Counts an action."""
        self.actions.labels(outcome.action.rung.name, outcome.reason).inc()
