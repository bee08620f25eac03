"""How many repeated questions an overloaded server is asked."""

from __future__ import annotations


class RetryBudget:
    """Allows retries as a share of the first tries, so that retries never multiply an outage.

    Args:
        share: Retries earned by each first try.
        most: Retries that can be saved up.
    """

    def __init__(self, share: float = 0.2, most: float = 10.0) -> None:
        self._share = share
        self._most = most
        self._left = most

    def earn(self) -> None:
        """Counts a first try."""
        self._left = min(self._most, self._left + self._share)

    def spend(self) -> bool:
        """Takes one retry; False where none is left."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
