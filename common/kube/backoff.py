"""Jittered exponential back-off."""

from __future__ import annotations

import random


class Backoff:
    """Delays that grow by ``factor`` from ``first`` to ``maximum`` seconds, always within these two.

    Each delay is drawn from ``[base, base · (1 + jitter)]``. The base stops growing at
    ``maximum / (1 + jitter)``, so that delays stay spread out at the upper end too, where a whole
    fleet waits for the same server.
    """

    def __init__(
        self,
        first: float = 0.8,
        factor: float = 2.0,
        maximum: float = 30.0,
        jitter: float = 0.5,
        rng: random.Random | None = None,
    ) -> None:
        self._first = first
        self._factor = factor
        self._jitter = jitter
        self._ceiling = max(first, maximum / (1.0 + jitter))
        self._maximum = maximum
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._base = first

    def next(self) -> float:
        """Returns the seconds to wait before the next attempt, and lengthens the one after it."""
        delay = self._base * (1.0 + self._jitter * self._rng.random())
        self._base = min(self._base * self._factor, self._ceiling)
        return min(delay, self._maximum)

    def reset(self) -> None:
        """Starts again from ``first``, after something worked."""
        self._base = self._first
