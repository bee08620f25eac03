"""The highest limit that a device may still be drawing up to: what was asked, seen, and not yet settled."""

from __future__ import annotations


class Exposure:
    """Bounds one device's limit from above, whatever became of each write.

    A raise counts from the moment it is sent. A cut counts once it was read back and ``settle_seconds`` have
    passed since. A device that is met for the first time counts at nameplate for that long, because somebody
    may have cut it a moment ago.
    """

    def __init__(self, nameplate_watts: int, settle_seconds: float, now: float) -> None:
        self._settle_seconds = settle_seconds
        self._seen_watts = nameplate_watts
        self._sent_watts: int | None = None
        self._fading: list[tuple[float, int]] = [(now + settle_seconds, nameplate_watts)]

    def sent(self, watts: int) -> None:
        """A write is about to be sent; from here on it may have happened."""
        self._sent_watts = max(watts, self._sent_watts or 0)

    def seen(self, watts: int, now: float) -> None:
        """The limit was read back after every write that was sent had come back."""
        before = max(self._seen_watts, self._sent_watts or 0)
        if watts < before:
            self._fading.append((now + self._settle_seconds, before))
        self._seen_watts = watts
        self._sent_watts = None

    def bound_watts(self, now: float) -> int:
        """Returns the highest limit that the draw may still follow."""
        if not self._fading and self._sent_watts is None:
            return self._seen_watts
        self._fading = [(until, watts) for until, watts in self._fading if until > now]
        fading = max((watts for _, watts in self._fading), default=0)
        return max(self._seen_watts, self._sent_watts or 0, fading)

    def settled_at(self) -> float:
        """Returns when the last fading limit is gone; 0.0 where none is."""
        return max((until for until, _ in self._fading), default=0.0)
