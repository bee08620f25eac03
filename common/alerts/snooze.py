"""Alerts that somebody asked not to hear of for a while: one ConfigMap, an entry for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from common.alerts.notice import SEVERITIES, Notice, fingerprint
from common.api.core import ObjectReference
from common.api.meta import Struct, has_come

SNOOZES_NAME: Final = "climatik-snoozes"
MAX_SNOOZES: Final = 500
EVERY_ALERT: Final = "*"
"""In place of an alert's name: whatever is told of the object."""


class Snooze(Struct, frozen=True):
    """A wish for silence.

    Attributes:
        until: When it ends (RFC 3339).
        severity: The most severe word that it silences; what is worse is told.
        alert: The alert's name, or ``*``.
        where: The object, for people who read the ConfigMap.
        by: Who asked for it.
    """

    until: str
    severity: str
    alert: str = ""
    where: str = ""
    by: str = ""

    def ended(self, now: datetime) -> bool:
        """Whether it is over; a time that cannot be read is."""
        return has_come(self.until, now)

    def silences(self, notice: Notice, now: datetime) -> bool:
        """Whether the notice is to wait for the end."""
        if self.ended(now) or self.severity not in SEVERITIES:
            return False
        return SEVERITIES.index(notice.severity) <= SEVERITIES.index(self.severity)


def snooze_key(alert: str, subject: ObjectReference) -> str:
    """Returns the key of an entry: the alert's fingerprint, or that of all alerts about the object."""
    return fingerprint(alert, subject)


def decode_snoozes(data: Mapping[str, str]) -> dict[str, Snooze]:
    """Returns the entries of the ConfigMap that can be read."""
    found = {}
    for key, text in data.items():
        try:
            found[key] = msgspec.json.decode(text, type=Snooze)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


def snooze_patch(data: Mapping[str, str], key: str, snooze: Snooze, now: datetime) -> dict[str, Any]:
    """Returns the merge patch that adds an entry, drops those that have ended, and bounds their number.

    Args:
        data: Of the ConfigMap as it is.
        key: From ``snooze_key``.
        snooze: The new entry.
        now: The present.
    """
    present = decode_snoozes(data)
    gone = {each for each in data if each not in present or present[each].ended(now)} - {key}
    kept = sorted((each for each in data if each not in gone | {key}), key=lambda each: present[each].until)
    over = kept[: max(0, len(kept) + 1 - MAX_SNOOZES)]
    dropped: dict[str, str | None] = dict.fromkeys([*sorted(gone), *over])
    return {"data": {**dropped, key: msgspec.json.encode(snooze).decode()}}
