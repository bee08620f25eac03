"""The way back from base to a grant: a straight line, so that a whole domain does not step up at once."""

from __future__ import annotations


class Ramp:
    """Limits how fast a budget rises after the node had fallen to base."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._level_watts: float | None = None
        self._at = 0.0

    def fall(self, base_watts: int, now: float) -> None:
        """The node is at base; the next rise starts there."""
        self._level_watts = float(base_watts)
        self._at = now

    def limit(self, target_watts: int, base_watts: int, now: float) -> int:
        """Returns the target, or as much of it as the ramp allows at ``now``."""
        if self._level_watts is None:
            return target_watts
        span = max(target_watts - base_watts, 0)
        gained = span * (now - self._at) / self._seconds if self._seconds > 0.0 else float(span)
        self._level_watts += gained
        self._at = now
        if self._level_watts >= target_watts:
            self._level_watts = None
            return target_watts
        return int(self._level_watts)

    @property
    def active(self) -> bool:
        """Whether the budget is still on its way back."""
        return self._level_watts is not None
