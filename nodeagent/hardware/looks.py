"""Looks at every device ten times a second; one that is late is looked at apart from the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.rounds import Look, RoundReader


class Looks:
    """Starts the looks, whoever makes them.

    Args:
        devices: All devices.
        period_seconds: Time between two looks at a device.
        clock: Monotonic seconds.
        delivered: Called after answers were handed over that nobody came for: they are news, or were wanted.
    """

    def __init__(
        self,
        devices: Sequence[ManagedDevice],
        period_seconds: float,
        clock: Callable[[], float],
        delivered: Callable[[], None] = lambda: None,
    ) -> None:
        self._by_id = {device.info.id: device for device in devices}
        self._period_seconds = period_seconds
        self._clock = clock
        self._rounds = RoundReader(delivered)
        self._looked_at = float("-inf")
        self._lent: dict[str, Look] = {}
        self._apart: set[str] = set()

    def collect(self) -> None:
        """Takes in the answers that are there."""
        self._rounds.collect()

    def hurry(self) -> None:
        """Somebody waits for a device that is being looked at: answers are taken in at once."""
        self._rounds.hurry()

    def again(self) -> bool:
        """Looks at every device once more where the looks before showed nothing new; what they saw can wait.

        Returns:
            Whether that was so. If not, take in what is there, and ``start``.
        """
        now = self._clock()
        if now - self._looked_at < self._period_seconds * 0.9:
            return False
        if len(self._lent) != len(self._by_id) or any(d.is_working for d in self._by_id.values()):
            return False
        if not self._rounds.again(now):
            return False
        self._looked_at = now
        return True

    def start(self) -> None:
        """Starts a look at each device that none is under way at, if it is time."""
        now = self._clock()
        # A hair early is on time: the loop that calls this sleeps for the same period.
        if now - self._looked_at < self._period_seconds * 0.9:
            for device in self._by_id.values():
                device.check(now)
            return
        self._looked_at = now
        self._break_up_late_round()
        looks: dict[str, Look] = {}
        for name, device in self._by_id.items():
            if name in self._apart:
                device.start_read(now)
            elif (look := device.lend_look(now)) is not None:
                looks[name] = look
        self._lent = looks
        self._rounds.start(list(looks.values()))

    def close(self) -> None:
        """Ends the thread after the call under way."""
        self._rounds.close()

    def _break_up_late_round(self) -> None:
        """A round that has not come back by the next one waits for a device; the others must not."""
        self._apart = {name for name in self._apart if self._by_id[name].busy}
        awaited, left = self._rounds.break_up()
        if awaited is None and not left:
            return
        for name, look in self._lent.items():
            if look is awaited and look.pending:
                self._apart.add(name)
            elif look in left:
                self._by_id[name].take_back(look)
