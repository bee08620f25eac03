"""One alert at one moment, as a sink is to tell it."""

from __future__ import annotations

import hashlib
from typing import Final

from common.api.core import ObjectReference
from common.api.meta import Struct

CRITICAL: Final = "critical"
"""A cap is broken, or nothing holds it: somebody should look now."""
WARNING: Final = "warning"
"""A cap is in danger, or advice is not acted on: somebody should look today."""
INFO: Final = "info"
"""Worth knowing."""

SEVERITIES: Final = (INFO, WARNING, CRITICAL)
"""From least to most severe."""


class Notice(Struct, frozen=True):
    """An alert that fires, or that has ended.

    Attributes:
        fingerprint: The same for one fact about one object, as long as it lasts and when it comes back.
        name: Which fact, in CamelCase.
        severity: One of ``SEVERITIES``.
        subject: The object that it is about.
        group: Notices of one group may be told in one message.
        summary: What and where, in a line.
        detail: How much and why, as the object's own status says.
        advice: What to do.
        started_at: When the fact was first seen (RFC 3339).
        ended_at: When it was last seen, once it has ended; empty while it lasts.
    """

    fingerprint: str
    name: str
    severity: str
    subject: ObjectReference
    group: str = ""
    summary: str = ""
    detail: str = ""
    advice: str = ""
    started_at: str = ""
    ended_at: str = ""

    @property
    def resolved(self) -> bool:
        """Whether the alert has ended."""
        return bool(self.ended_at)

    @property
    def state(self) -> str:
        """``firing`` or ``resolved``."""
        return "resolved" if self.resolved else "firing"

    @property
    def where(self) -> str:
        """The subject as a person would name it."""
        name = (
            f"{self.subject.namespace}/{self.subject.name}" if self.subject.namespace else self.subject.name
        )
        return f"{self.subject.kind} {name}"


def fingerprint(name: str, subject: ObjectReference) -> str:
    """Returns what is the same for one fact about one object, also about one that was made anew."""
    text = f"{name}/{subject.kind}/{subject.namespace}/{subject.name}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
