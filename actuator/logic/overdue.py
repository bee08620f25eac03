"""States that should be short: who has been in one for too long, and who is out of it again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping


class Overdue:
    """Tells once of each name that has been in a state for longer than it should last."""

    def __init__(self, after_seconds: float) -> None:
        self._after_seconds = after_seconds
        self._since: dict[str, tuple[Hashable, float]] = {}
        self._told: set[str] = set()

    def update(self, present: Mapping[str, Hashable], now: float) -> tuple[list[str], list[str]]:
        """Returns the names that are overdue since just now, and those that were and are no longer; sorted.

        Args:
            present: The names that are in the state, each with a mark: a new mark starts its time anew.
            now: Monotonic seconds.
        """
        kept = {}
        for name, mark in present.items():
            before = self._since.get(name)
            kept[name] = before if before is not None and before[0] == mark else (mark, now)
        self._since = kept
        late = {name for name, (_, since) in kept.items() if now - since >= self._after_seconds}
        fresh, over = late - self._told, self._told - late
        self._told = late
        return sorted(fresh), sorted(over)
