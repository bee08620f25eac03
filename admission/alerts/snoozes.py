"""Alerts that somebody asked not to hear of for a while: held back, and told again when that is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from common.alerts.notice import Notice
from common.alerts.snooze import EVERY_ALERT, Snooze, snooze_key


class Snoozes:
    """What is snoozed, as of the last look."""

    def __init__(self) -> None:
        self._known: Mapping[str, Snooze] = {}
        self._held: frozenset[str] = frozenset()

    def look(self, known: Mapping[str, Snooze], firing: Iterable[Notice], now: datetime) -> list[Notice]:
        """Takes in what is snoozed now, and returns alerts that still fire at the end of their snooze.

        Args:
            known: Snoozes by key.
            firing: Alerts that fire.
            now: The present.
        """
        self._known = known
        present = list(firing)
        held = frozenset(each.fingerprint for each in present if self.holds(each, now))
        reminders = [each for each in present if each.fingerprint in self._held - held]
        self._held = held
        return reminders

    def holds(self, notice: Notice, now: datetime) -> bool:
        """Whether a notice is to wait; one that is more severe than what was snoozed is not."""
        keys = notice.fingerprint, snooze_key(EVERY_ALERT, notice.subject)
        found = (self._known.get(key) for key in keys)
        return any(snooze is not None and snooze.silences(notice, now) for snooze in found)
