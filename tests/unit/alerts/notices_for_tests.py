"""Notices, facts and sinks that the tests of alerts share."""

from typing import Any

import msgspec

from admission.alerts.facts.fact import Fact
from common.alerts.notice import WARNING, Notice
from common.alerts.sink import SinkFailed
from common.api.core import ObjectReference


def subject(name: str = "chat", namespace: str = "llm", kind: str = "PowerCappingPolicy") -> ObjectReference:
    return ObjectReference(
        api_version="climatik.io/v1alpha1", kind=kind, name=name, namespace=namespace, uid="u-1"
    )


def fact(name: str = "PolicyOverCap", of: str = "chat", severity: str = WARNING, detail: str = "d") -> Fact:
    return Fact(name, severity, subject(of), f"{name} at {of}", detail, "do something")


def notice(of: str = "chat", severity: str = WARNING, name: str = "PolicyOverCap", **more: Any) -> Notice:
    made = fact(name, of, severity)
    plain = Notice(
        fingerprint=made.fingerprint,
        name=name,
        severity=severity,
        subject=made.subject,
        group=made.group,
        summary=made.summary,
        detail=made.detail,
        advice=made.advice,
        started_at="2026-01-01T00:00:00Z",
    )
    return msgspec.structs.replace(plain, **more)


class RecordingSink:
    """Keeps the batches that it gets; while ``down`` it fails."""

    name = "recording"
    largest_batch = 40

    def __init__(self, resend_seconds: float = 0.0) -> None:
        self.resend_seconds = resend_seconds
        self.batches: list[list[Notice]] = []
        self.attempts = 0
        self.down = False
        self.error: Exception = SinkFailed("down")

    async def send(self, notices):
        self.attempts += 1
        if self.down:
            raise self.error
        self.batches.append(list(notices))

    @property
    def told(self) -> list[Notice]:
        return [notice for batch in self.batches for notice in batch]
