"""Disruption budgets that said no: how long each of them is left alone."""

from __future__ import annotations

from datetime import datetime, timedelta

_FIRST = timedelta(seconds=10)
_LONGEST = timedelta(minutes=5)


class BudgetBackoff:
    """Waits twice as long after each refusal of a budget, until it allows one or was left alone for long."""

    def __init__(self) -> None:
        self._waits: dict[str, timedelta] = {}
        self._until: dict[str, datetime] = {}

    def refused(self, budget: str, now: datetime, at_least_seconds: float = 0.0) -> None:
        """Notes that a budget (``namespace/name``) refused, and what the server asked to wait."""
        before = self._waits.get(budget)
        wait = _FIRST if before is None else min(2 * before, _LONGEST)
        self._waits[budget] = wait
        self._until[budget] = now + max(wait, timedelta(seconds=at_least_seconds))

    def allowed(self, budget: str) -> None:
        """Notes that a budget allowed an eviction."""
        self._waits.pop(budget, None)
        self._until.pop(budget, None)

    def waiting(self, now: datetime) -> frozenset[str]:
        """Returns the budgets that are to be left alone now; forgets those that nobody has asked for long."""
        for budget in [budget for budget, until in self._until.items() if now - until > _LONGEST]:
            self.allowed(budget)
        return frozenset(budget for budget, until in self._until.items() if now < until)
