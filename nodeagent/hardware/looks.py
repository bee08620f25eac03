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
        delivered: Called after the answers of a round were handed over.
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

    def start(self) -> None:
        """Starts a look at each device that none is under way at, if it is time."""
        now = self._clock()
        for device in self._by_id.values():
            device.check(now)
        # A hair early is on time: the loop that calls this sleeps for the same period.
        if now - self._looked_at < self._period_seconds * 0.9:
            return
        self._looked_at = now
        self._break_up_late_round()
        looks: dict[str, Look] = {}
        for name, device in self._by_id.items():
            if name in self._apart:
                device.start_read()
            elif (look := device.lend_look()) is not None:
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
        for name, look in self._lent.items():
            if look is awaited and not look.done:
                self._apart.add(name)
            elif look in left:
                self._by_id[name].take_back(look)
