"""What is said of an error that no retry of the same request cures."""

from __future__ import annotations

from actuator.scaling.memory import UnreadableNoteError
from actuator.scaling.owner_store import ReplacedError
from common.kube.errors import Conflict, Forbidden, NotFound

UNREADABLE_NOTE = "UnreadableNote"
CONFLICT = "Conflict"
"""Looked at again within a second: worth a log line, and no place in the record."""


def reason_of(error: Exception) -> tuple[str, str]:
    """Returns the reason in a word, and a sentence with the remedy where people have one."""
    match error:
        case UnreadableNoteError():
            return UNREADABLE_NOTE, str(error)
        case Conflict():
            return CONFLICT, "it changed meanwhile: looked at again"
        case NotFound():
            return "Gone", str(error)
        case ReplacedError():
            return "Replaced", str(error)
        case Forbidden():
            remedy = "grant the actuator get and patch on it (docs/operator/scaling.md)"
            return "Forbidden", f"{error}: {remedy}"
        case _:
            return "Refused", str(error)
