"""Says what became of ceilings, once each: log, counter, and an Event on the policy and on the owner."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from actuator.audit.ceilings import ceiling_entry, ceiling_refusal
from actuator.audit.journal import Journal
from actuator.gate.refusal import Refusal as GateRefusal
from actuator.ladder.action import Outcome
from actuator.scaling.decide import RESTORED, UNCHANGED, WRITTEN
from actuator.scaling.refusals import CONFLICT
from actuator.scaling.survey import Refusal
from common.api.core import ObjectReference
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference
from common.kube.events import EventRecorder

log = logging.getLogger(__name__)

MOST_REMEMBERED = 4096
"""Refusals after which all are told anew; bounds what is kept of workloads that are long gone."""


class CeilingMetrics:
    """Ceilings by result, and how many stand."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.actions = Counter(
            "climatik_actuator_ceilings_total", "Replica ceilings by result.", ["result"], registry=registry
        )
        self.held = Gauge("climatik_actuator_ceilings_held", "Owners under a ceiling.", registry=registry)


class Announcer:
    """Repeats nothing: a refusal is told again only when its reason or its text has changed."""

    def __init__(self, metrics: CeilingMetrics, events: EventRecorder, journal: Journal) -> None:
        self._metrics = metrics
        self._events = events
        self._journal = journal
        self._now = datetime.min.replace(tzinfo=UTC)
        self._told: dict[tuple[str, str], tuple[str, str]] = {}

    def begin(self, now: datetime) -> None:
        """Begins a round: what is told until the next one was decided at this moment."""
        self._now = now

    def held(self, owners: int) -> None:
        """Publishes how many owners are under a ceiling."""
        self._metrics.held.set(owners)

    def taken(self, policy: PowerCappingPolicy | None, outcome: Outcome, target: ObjectReference) -> None:
        """Tells of an action that was taken or refused; `target` bears its uid, where that is known."""
        subject = f"{target.kind}/{target.name}"
        if not outcome.taken:
            self.refused(policy, Refusal(subject, outcome.reason, outcome.message), target)
            return
        self._told.pop((_key(policy), subject), None)
        if outcome.reason == UNCHANGED:
            return
        self._metrics.actions.labels(outcome.reason).inc()
        self._journal.add(ceiling_entry(outcome, policy, self._now))
        text = f"{subject}: {outcome.message}"
        log.info(
            text,
            extra={
                "policy": _key(policy),
                "object": subject,
                "reason": outcome.reason,
                "why": outcome.action.reason,
                "relief_watts": outcome.action.relief_watts,
                "requests": outcome.requests,
            },
        )
        reason = {WRITTEN: "CeilingWritten", RESTORED: "CeilingLifted"}.get(outcome.reason, outcome.reason)
        self._event(policy, target, "Normal", reason, f"{text} ({outcome.action.reason})")

    def waiting(self, policy: PowerCappingPolicy, reasons: Sequence[GateRefusal]) -> None:
        """Tells why nothing is done for a policy, once for each set of reasons: the texts tell of seconds."""
        words = ", ".join(one.reason for one in reasons)
        if self._told.get((policy.key, "")) == (words, ""):
            return
        for one in reasons:
            self.refused(policy, Refusal("ceilings", one.reason, one.message))
        self._told[policy.key, ""] = (words, "")

    def going_on(self, policy: PowerCappingPolicy) -> None:
        """Forgets why a policy had to wait: it may be told again."""
        self._told.pop((policy.key, ""), None)
        self._told.pop((policy.key, "ceilings"), None)

    def refused(
        self, policy: PowerCappingPolicy | None, refusal: Refusal, target: ObjectReference | None = None
    ) -> None:
        """Tells of something that is not done."""
        told = (refusal.reason, refusal.message)
        if self._told.get((_key(policy), refusal.subject)) == told:
            return
        if len(self._told) >= MOST_REMEMBERED:
            self._told.clear()
        self._told[_key(policy), refusal.subject] = told
        self._metrics.actions.labels(refusal.reason).inc()
        if policy is not None and refusal.reason != CONFLICT:
            entry = ceiling_refusal(policy, refusal.subject, refusal.reason, refusal.message, self._now)
            self._journal.add(entry)
        text = f"{refusal.subject}: {refusal.message}"
        extra = {"policy": _key(policy), "object": refusal.subject, "reason": refusal.reason}
        log.warning(text, extra=extra)
        self._event(policy, target, "Warning", refusal.reason, text)

    def _event(
        self,
        policy: PowerCappingPolicy | None,
        target: ObjectReference | None,
        kind: str,
        reason: str,
        text: str,
    ) -> None:
        if policy is not None:
            self._events.event(reference(POLICIES, policy), kind, reason, text)
        if target is not None and target.uid:  # `kubectl describe` finds Events by uid
            self._events.event(target, kind, reason, text)


def _key(policy: PowerCappingPolicy | None) -> str:
    return policy.key if policy is not None else ""
