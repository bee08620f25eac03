"""The actuator's metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from actuator.audit.metrics import LadderMetrics
from actuator.ledger.scene import Scene
from actuator.scaling.announce import CeilingMetrics


class ActuatorMetrics:
    """Watts by domain, writes by result, and who leads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leader = Gauge("climatik_actuator_leader", "1 while this process leads.", registry=registry)
        self.epoch = Gauge("climatik_actuator_leader_epoch", "Epoch of the last term.", registry=registry)
        self.cap = _by_domain("effective_cap_watts", "The cap that holds now.", registry)
        self.granted = _by_domain("granted_watts", "Sum of the grants.", registry)
        self.reserved = _by_domain("reserved_watts", "Sum of what nodes are booked at.", registry)
        self.base = _by_domain("base_watts", "Sum of the bases.", registry)
        self.nodes = Gauge(
            "climatik_actuator_nodes", "Nodes by state of their budget.", ["state"], registry=registry
        )
        self.writes = Counter(
            "climatik_actuator_writes_total",
            "Writes by kind and result.",
            ["kind", "result"],
            registry=registry,
        )
        self.errors = Counter(
            "climatik_actuator_errors_total",
            "Objects that could not be acted on.",
            ["reason"],
            registry=registry,
        )
        self.rounds = Histogram(
            "climatik_actuator_round_seconds", "Time to decide, without the writes.", registry=registry
        )

        self.ceilings = CeilingMetrics(registry)
        self.ladder = LadderMetrics(registry)

    def show(self, scene: Scene) -> None:
        """Publishes the books."""
        granted = dict.fromkeys(scene.view.domains, 0)
        for name, node in scene.view.nodes.items():
            budget = node.frequencies.budget if node.frequencies else None
            for level in scene.books.levels[name] if budget else ():
                granted[level] += budget.grant_watts if budget else 0
        for gauge in (self.cap, self.granted, self.reserved, self.base):
            gauge.clear()
        for name, domain in scene.view.domains.items():
            if domain.enforced:
                self.cap.labels(name).set(domain.cap_watts)
                self.granted.labels(name).set(granted[name])
                self.reserved.labels(name).set(scene.books.reserved_total[name])
                self.base.labels(name).set(scene.books.base_total[name])
        self.nodes.labels("admitted").set(len(scene.bases.watts))
        self.nodes.labels("refused").set(len(scene.bases.refused))


def _by_domain(name: str, text: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(f"climatik_actuator_{name}", text, ["domain"], registry=registry)
