"""Entries that wait for the record: whoever decides adds them, who holds the record takes them over."""

from __future__ import annotations

from common.api.decisions import MAX_DECISIONS, Decision


class Journal:
    """What is worth a note and safe to lose, oldest first; beyond what a record holds, the oldest go."""

    def __init__(self) -> None:
        self._waiting: list[Decision] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, entry: Decision) -> None:
        """Adds an entry."""
        self._waiting.append(entry)
        del self._waiting[:-MAX_DECISIONS]

    def take(self) -> list[Decision]:
        """Returns all entries, and forgets them."""
        taken, self._waiting = self._waiting, []
        return taken
