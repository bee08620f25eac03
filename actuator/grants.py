"""Rounds of grants: what the ledger decides goes out, with set points, conditions and finalizers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actuator.config import ActuatorSettings
from actuator.input.picture import Assumptions, Picture, ledger_view
from actuator.ledger.ledger import Ledger
from actuator.ledger.views import LedgerView
from actuator.ledger.writes import (
    CreateFrequencies,
    FinishRelease,
    Outcome,
    Write,
    WriteBudget,
    WriteEnforcement,
)
from actuator.logic.finalizers import domains_in_use
from actuator.logic.setpoints import SetPoints, fold_set_points
from actuator.logic.statements import Statements, differs, outdated, statements
from actuator.output.bodies import (
    budget_body,
    conditions_body,
    enforcement_body,
    finalizer_body,
    keeps_budget,
)
from actuator.output.metrics import ActuatorMetrics
from actuator.output.narrator import Narrator
from actuator.output.points import PointsKeeper
from actuator.output.writer import Writer
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES
from common.api.names import FINALIZER_RELEASE


class Grants:
    """One term's grants. It remembers what is in flight; a new term begins with a new one.

    Args:
        settings: Of the actuator.
        writer: Sends what is decided.
        metrics: The books, published.
        narrator: Tells people.
    """

    def __init__(
        self, settings: ActuatorSettings, writer: Writer, metrics: ActuatorMetrics, narrator: Narrator
    ) -> None:
        self._ledger = Ledger(settings.ledger())
        self._assumed = Assumptions(settings.unknown_gpu_node_watts, settings.unknown_cpu_node_watts)
        self._points = PointsKeeper()
        self._writer = writer
        self._metrics = metrics
        self._narrator = narrator

    def round(self, picture: Picture, epoch: int, now: datetime) -> None:
        """Decides on a picture, and starts the writes; one object has one write under way at most.

        Args:
            picture: What is known.
            epoch: Of the term.
            now: The API server's time: heartbeats are compared with it (rule 6).
        """
        view = ledger_view(picture, self._assumed, epoch, now)
        self._ledger.record_observed(view)
        scene = self._ledger.scene(view, picture.targets())
        self._metrics.show(scene)
        stated = statements(picture, scene, now)
        writes = self._ledger.writes(scene, now, outdated(picture, stated))
        writes = [write for write in writes if not self._writer.is_busy(_key(write))]
        self._narrator.tell(picture, scene, writes)
        self._narrator.tell_load_targets(picture, stated)
        points = fold_set_points(picture.policies, picture.objects.values(), picture.paused_namespaces)
        for write in writes:
            self._send(picture, write, points, stated)
        self._tend_domains(picture, view, stated)
        self._tend_points(picture, points)

    def _send(
        self,
        picture: Picture,
        write: Write,
        points: dict[str, SetPoints],
        stated: Statements,
    ) -> None:
        self._ledger.record_sent(write)

        def answered(outcome: Outcome) -> None:
            self._ledger.record_answered(write, outcome)

        writer = self._writer
        match write:
            case CreateFrequencies():
                writer.send(_key(write), lambda: writer.create(write.node), answered)
            case WriteBudget():
                body = budget_body(write, points.get(write.node, SetPoints()))
                writer.send(_key(write), lambda: writer.apply(NODE_FREQUENCIES, body), answered)
            case WriteEnforcement():
                status = enforcement_body(write, stated[write.domain])
                writer.send(_key(write), lambda: writer.apply(POWER_DOMAINS, status, "status"), answered)
            case FinishRelease():
                item = picture.objects[write.node]
                gone = item.metadata.deletion_timestamp or keeps_budget(item)
                if points.get(write.node) and not gone:
                    self._points.without_budget(writer, item, points[write.node], answered)
                else:
                    writer.send(_key(write), lambda: writer.dismiss(item), answered)

    def _tend_domains(self, picture: Picture, view: LedgerView, stated: Statements) -> None:
        """Finalizers of all domains, and the status of those whose cap is not held."""
        used = domains_in_use(view)
        for name, domain in picture.domains.items():
            if self._writer.is_busy(f"{POWER_DOMAINS.plural}/{name}"):
                continue
            holds = FINALIZER_RELEASE in domain.metadata.finalizers
            wanted = name in used and (holds or not domain.metadata.deletion_timestamp)
            stale = differs(domain, stated[name]) or domain.status.enforcement is not None
            if holds != wanted:
                self._apply_domain(domain, finalizer_body(domain.metadata, held=wanted))
            elif stale and not view.domains[name].enforced:
                self._apply_domain(domain, conditions_body(domain.metadata, stated[name]), "status")

    def _apply_domain(self, domain: PowerDomain, body: dict[str, Any], subresource: str = "") -> None:
        key = f"{POWER_DOMAINS.plural}/{domain.name}"
        self._writer.send(key, lambda: self._writer.apply(POWER_DOMAINS, body, subresource))

    def _tend_points(self, picture: Picture, points: dict[str, SetPoints]) -> None:
        self._points.forget(picture.objects)
        for name in sorted({*points, *picture.objects}):
            if name in picture.nodes or name in picture.objects:
                self._points.tend(self._writer, name, picture.objects.get(name), points.get(name))


def _key(write: Write) -> str:
    if isinstance(write, WriteEnforcement):
        return f"{POWER_DOMAINS.plural}/{write.domain}"
    return f"{NODE_FREQUENCIES.plural}/{write.node}"
