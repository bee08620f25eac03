"""The highest draw of the last seconds: it rises at once and falls late, so that limits do not saw."""

from __future__ import annotations

from collections import deque


class RecentPeak:
    """A sliding maximum over ``window_seconds``."""

    def __init__(self, window_seconds: float) -> None:
        self._window_seconds = window_seconds
        self._falling: deque[tuple[float, float]] = deque()
        self._noted_watts = 0.0

    def add(self, watts: float, now: float) -> None:
        """Adds a sample; ``now`` never goes back."""
        while self._falling and self._falling[-1][1] <= watts:
            self._falling.pop()
        self._falling.append((now, watts))
        while self._falling[0][0] < now - self._window_seconds:
            self._falling.popleft()

    @property
    def watts(self) -> float:
        """The highest sample of the window; 0 before the first."""
        return self._falling[0][1] if self._falling else 0.0

    def note(self) -> None:
        """The present peak is being decided on."""
        self._noted_watts = self.watts

    @property
    def moved_watts(self) -> float:
        """By how much the peak differs from the one that was last decided on."""
        return abs(self.watts - self._noted_watts)
