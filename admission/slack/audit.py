"""Who asked for what in Slack, and what became of it: always a log line, an Event of what was decided."""

from __future__ import annotations

import logging
from typing import Final

from admission.slack.ask import Ask
from admission.slack.metrics import SlackMetrics
from common.api.core import ObjectReference
from common.kube.events import EventRecorder

log = logging.getLogger(__name__)

DONE: Final = "done"
SHOWN: Final = "shown"
DENIED: Final = "denied"
REFUSED: Final = "refused"
FAILED: Final = "failed"

_REASONS: Final = {
    ("confirm", DONE): "ApprovedInSlack",
    ("revoke", DONE): "ApprovalRevoked",
    ("snooze", DONE): "AlertsSnoozed",
    ("approve", DENIED): "SlackActionDenied",
    ("confirm", DENIED): "SlackActionDenied",
    ("revoke", DENIED): "SlackActionDenied",
    ("snooze", DENIED): "SlackActionDenied",
}


class Audit:
    """Keeps the trail."""

    def __init__(self, events: EventRecorder, metrics: SlackMetrics) -> None:
        self._events = events
        self._metrics = metrics

    def note(self, ask: Ask, outcome: str, detail: str, subject: ObjectReference | None = None) -> None:
        """Records one action.

        Args:
            ask: Who asked for what.
            outcome: One of the constants above.
            detail: What was done, or why not.
            subject: The object, where it exists.
        """
        verb = ask.command.verb
        self._metrics.actions.labels(verb, outcome).inc()
        log.info(
            "slack action",
            extra={
                "action": verb,
                "outcome": outcome,
                "user": ask.user,
                "user_name": ask.user_name,
                "object": ask.command.about,
                "detail": detail,
            },
        )
        reason = _REASONS.get((verb, outcome))
        if reason and subject is not None:
            kind = "Warning" if outcome == DENIED else "Normal"
            self._events.event(subject, kind, reason, f"Slack user {ask.user}: {detail}")

    def expired(self, subject: ObjectReference, detail: str) -> None:
        """Records that an approval has ended by itself."""
        self._metrics.actions.labels("expire", DONE).inc()
        log.info("approval ended", extra={"object": f"{subject.namespace}/{subject.name}", "detail": detail})
        self._events.event(subject, "Normal", "ApprovalEnded", detail)
