"""One fact about one object that somebody should know of."""

from __future__ import annotations

from dataclasses import dataclass

from common.alerts.notice import fingerprint
from common.api.core import ObjectReference
from common.api.meta import Condition, KubeObject, find_condition


@dataclass(frozen=True)
class Fact:
    """What holds now; an alert is made of it once it has held for a while.

    Attributes:
        name: Which fact, in CamelCase.
        severity: One of ``common.alerts.notice.SEVERITIES``.
        subject: The object that it is about.
        summary: What and where, in a line, without numbers that change.
        detail: How much and why.
        advice: What to do.
    """

    name: str
    severity: str
    subject: ObjectReference
    summary: str
    detail: str = ""
    advice: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same fact about the same object, also one that was made anew."""
        return fingerprint(self.name, self.subject)

    @property
    def group(self) -> str:
        """Facts of one name in one namespace are told together."""
        return f"{self.name}/{self.subject.namespace}"


def condition_in(conditions: list[Condition], kind: str, status: str) -> Condition | None:
    """Returns the condition of a type if it has this status."""
    found = find_condition(conditions, kind)
    return found if found is not None and found.status == status else None


def being_deleted(item: KubeObject) -> bool:
    """Whether the object is on its way out, and so nobody's concern."""
    return bool(item.metadata.deletion_timestamp)
