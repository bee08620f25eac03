"""What a watt limit does on a device: holds it, is never reached, or is not obeyed. Pure."""

from __future__ import annotations

from collections import deque
from enum import StrEnum

_SAMPLES = 5
_ABOVE_FOR_CERTAIN = 3
"""So many seconds above the limit, of the last five, are no excursion any more."""
_REACHED_RATIO = 0.95
_TOLERANCE_RATIO = 0.03
"""Sensors of boards are good to a few percent."""
_DRAWN_MARGIN_RATIO = 0.10
_FIRST_SPELL_SECONDS, _LONGEST_SPELL_SECONDS = 60.0, 600.0
"""How long a device that did not obey is taken for such; each time twice as long."""


class Effect(StrEnum):
    """What became of a limit in the last five seconds in which it stood."""

    UNKNOWN = "Unknown"
    ENFORCED = "Enforced"
    """The draw came up to the limit and was held there."""
    INERT = "Inert"
    """The draw never reached the limit: it takes nothing away, and a lower one might not either."""
    UNENFORCEABLE = "Unenforceable"
    """The device draws more in spite of the limit."""


class EffectWindow:
    """Judges one device's limit by means over a second, at most five of them.

    Args:
        excursion_ratio: By how much of its limit the mean over a second may exceed it.
        settle_seconds: From a change of the limit until it binds.
    """

    def __init__(self, excursion_ratio: float, settle_seconds: float) -> None:
        self.effect = Effect.UNKNOWN
        self._excursion_ratio = excursion_ratio
        self._settle_seconds = settle_seconds
        self._limit_watts: float | None = None
        self._from = 0.0
        self._sum_watts = 0.0
        self._count = 0
        self._news = False
        self._until = 0.0
        self._spell_seconds = _FIRST_SPELL_SECONDS / 2.0
        self._means: deque[float] = deque(maxlen=_SAMPLES)

    @property
    def drawn_watts(self) -> float:
        """What a device that does not obey is to be counted at: its highest mean, with a margin."""
        return max(self._means, default=0.0) * (1.0 + _DRAWN_MARGIN_RATIO)

    @property
    def latest_watts(self) -> float:
        """The last mean over a second; 0 before the first."""
        return self._means[-1] if self._means else 0.0

    def take_news(self) -> bool:
        """Whether there was a new mean since this was last asked."""
        news, self._news = self._news, False
        return news

    def add(self, draw_watts: float, limit_watts: float, now: float) -> None:
        """Takes one look into account; ``now`` never goes back."""
        if self._limit_watts is None or abs(limit_watts - self._limit_watts) > 1.0:
            self._start(limit_watts, now + self._settle_seconds)
        if now < self._from:
            return
        self._sum_watts += draw_watts
        self._count += 1
        if now - self._from >= 1.0 and self._count > 1:
            self._means.append(self._sum_watts / self._count)
            self._from, self._sum_watts, self._count = now, 0.0, 0
            self._note(self._judge(limit_watts), now)

    def _start(self, limit_watts: float, at: float) -> None:
        # A device that ignored one limit is not believed the next one until it was seen to obey it.
        if self.effect is not Effect.UNENFORCEABLE:
            self.effect = Effect.UNKNOWN
            self._means.clear()
        self._limit_watts, self._from, self._sum_watts, self._count = limit_watts, at, 0.0, 0

    def _note(self, effect: Effect, now: float) -> None:
        self._news = True
        if effect is Effect.UNENFORCEABLE and self.effect is not effect:
            self._spell_seconds = min(self._spell_seconds * 2.0, _LONGEST_SPELL_SECONDS)
            self._until = now + self._spell_seconds
        elif self.effect is Effect.UNENFORCEABLE and now < self._until:
            # A clock ceiling may be what keeps it under its limit now: taking that away is a trial.
            return
        self.effect = effect

    def _judge(self, limit_watts: float) -> Effect:
        allowed = limit_watts * (1.0 + self._excursion_ratio + _TOLERANCE_RATIO)
        above = sum(mean > allowed for mean in self._means)
        full = len(self._means) == _SAMPLES
        if above >= _ABOVE_FOR_CERTAIN or (self.effect is Effect.UNENFORCEABLE and (above or not full)):
            return Effect.UNENFORCEABLE
        if max(self._means) >= _REACHED_RATIO * limit_watts:
            return Effect.ENFORCED
        return Effect.INERT if full else Effect.UNKNOWN


def clock_ceiling_mhz(clock_mhz: int, limit_watts: float, drawn_watts: float, lowest_mhz: int) -> int:
    """Returns the clock at which a device draws about its limit, where the limit itself is not obeyed.

    The dynamic power of a chip falls at least in proportion to its clock, so the proportion errs to the safe
    side once what it draws at rest is small; the next window corrects what is left.
    """
    return max(lowest_mhz, int(clock_mhz * min(1.0, limit_watts / max(drawn_watts, 1.0))))
