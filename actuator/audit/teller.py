"""Tells of decisions: a structured log line each, Events on the pod and on the policy or domain, metrics."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from actuator.audit.entries import Ended, refusal_key
from actuator.audit.metrics import LadderMetrics
from actuator.input.levels import DOMAIN, NODE, POLICY, split
from actuator.input.picture import Picture
from actuator.ladder.action import Outcome
from actuator.ladder.decide import Taken
from actuator.ladder.scene import Declined, Level
from common.api.core import ObjectReference
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.policy import POLICIES
from common.api.reference import reference
from common.kube.events import EventRecorder

log = logging.getLogger(__name__)

_NAMED = 5


class Teller:
    """Tells of each refusal once, for as long as it lasts; of every action when it ended."""

    def __init__(self, events: EventRecorder, metrics: LadderMetrics) -> None:
        self._events = events
        self._metrics = metrics
        self._refused: set[str] = set()

    def begun(self, declined: Sequence[tuple[Level, Declined]]) -> list[tuple[Level, Declined]]:
        """Returns the refusals that were not there a round ago, and forgets those that are over."""
        fresh, seen = [], set()
        for level, one in declined:
            key = refusal_key(level, one)
            if key not in self._refused and key not in seen:
                fresh.append((level, one))
            seen.add(key)
        self._refused = seen
        return fresh

    def refusals(self, picture: Picture, fresh: Iterable[tuple[Level, Declined]]) -> None:
        """Tells of refusals."""
        for level, one in fresh:
            self._metrics.refusals.labels(one.refusal.reason).inc()
            log.info(
                "refused: %s",
                one.refusal.message,
                extra={
                    "reason": one.refusal.reason,
                    "subject": level.subject,
                    "rung": one.rung.name,
                    "policy": one.policy,
                    "target": one.target,
                    "draw_watts": level.draw_watts,
                    "cap_watts": level.cap_watts,
                },
            )
            if not one.refusal.chosen:
                text = f"{one.rung.name.capitalize()} not possible: {one.refusal.message}"
                self._on_subject(picture, level.subject, "Warning", one.refusal.reason, text)

    def intended(self, taken: Taken, *, dry_run: bool) -> None:
        """Logs what is about to be done, with what it rests on and what else could have been done."""
        action, level = taken.action, taken.level
        log.info(
            "would act (dry run)" if dry_run else "acts",
            extra={
                "rung": action.rung.name,
                "target": f"{action.target.kind}/{action.target.namespace}/{action.target.name}",
                "subject": level.subject,
                "policy": "/".join(action.policy),
                "reason": action.reason,
                "draw_watts": level.draw_watts,
                "cap_watts": level.cap_watts,
                "expected_watts": action.relief_watts,
                "alternatives": ", ".join(taken.alternatives),
            },
        )

    def ended(self, picture: Picture, done: Iterable[tuple[Taken, Outcome]]) -> None:
        """Tells how the actions of a round ended: each on its own target, all of a subject in one Event."""
        told: dict[tuple[str, str, bool], list[Taken]] = {}
        why: dict[tuple[str, str, bool], str] = {}
        for taken, outcome in done:
            self._one_ended(taken, outcome)
            key = taken.level.subject, outcome.reason, outcome.taken
            told.setdefault(key, []).append(taken)
            why.setdefault(key, taken.action.reason if outcome.taken else outcome.message)
        for key, group in told.items():
            subject, reason, taken_ = key
            text = _summary(group, why[key], stopped=taken_)
            self._on_subject(picture, subject, "Normal" if taken_ else "Warning", reason, text)

    def _one_ended(self, taken: Taken, outcome: Outcome) -> None:
        action = taken.action
        self._metrics.ended(outcome)
        log.info(
            "acted: %s",
            outcome.message,
            extra={"key": action.key, "taken": outcome.taken, "reason": outcome.reason},
        )
        if outcome.taken:
            text = f"{action.reason}: stopped to free about {action.relief_watts:,} W"
            self._events.event(action.target, "Normal", outcome.reason, text)

    def moved(self, ended: Ended, regarding: Iterable[ObjectReference]) -> None:
        """Tells how a move ended, after the pod was evicted."""
        self._metrics.moved(ended.reason)
        log.info("moved: %s", ended.message, extra={"key": ended.key, "reason": ended.reason})
        for one in regarding:
            self._events.event(one, "Normal" if ended.well else "Warning", ended.reason, ended.message)

    def _on_subject(self, picture: Picture, subject: str, kind: str, reason: str, text: str) -> None:
        regarding = _reference(picture, subject)
        if regarding is not None:
            self._events.event(regarding, kind, reason, text)


def _reference(picture: Picture, subject: str) -> ObjectReference | None:
    kind, key = split(subject)
    if kind == POLICY:
        policy = next((one for one in picture.policies if one.key == key), None)
        return reference(POLICIES, policy) if policy else None
    if kind == NODE and key in picture.objects:
        return reference(NODE_FREQUENCIES, picture.objects[key])
    if kind == DOMAIN and key in picture.domains:
        return reference(POWER_DOMAINS, picture.domains[key])
    return None


def _summary(group: Sequence[Taken], why: str, *, stopped: bool) -> str:
    """Returns one sentence on what became of several targets for one reason; the first of them are named."""
    names = ", ".join(f"{one.action.target.kind} {one.action.target.name}" for one in group[:_NAMED])
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    if not stopped:
        return f"{names}{more}: not stopped: {why}"
    watts = sum(one.action.relief_watts for one in group)
    return f"{names}{more}: {why}: stopped to free about {watts:,} W"
