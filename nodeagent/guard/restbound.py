"""The bound on the rest of a node that holds now: learned where a meter is read, else its nameplate. Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from nodeagent.guard.rest import RestModel, fixed_rest
from nodeagent.guard.restlearning import LearnedRest

STALE_SECONDS = 5.0
"""A meter that is silent for so long is taken for gone; it says something each two seconds at least."""
_PATIENCE_SECONDS = 2.0
"""Beyond the devices' settling: so long may lower limits take to be written and read back."""
_BELIEVED_AFTER = 3
"""So many readings in a row above the highest that is thought possible are no glitch."""


class RestSource(StrEnum):
    """Where the bound comes from."""

    UNMETERED = "NotMetered"
    LEARNING = "Learning"
    STALE = "MeterStale"
    LEARNED = "Learned"


@dataclass(frozen=True)
class StandingRest:
    """The rest of the node in one moment.

    Attributes:
        watts: The bound that is stood by.
        highest_watts: What the rest can draw at the most, whatever devices draw.
        source: Where the bound comes from.
        metered_watts: What the meter says; None where there is none, or it does not answer.
    """

    watts: int
    highest_watts: int
    source: RestSource = RestSource.UNMETERED
    metered_watts: float | None = None


class RestBound:
    """Keeps what a budget must set aside for the rest, and what it is confirmed with.

    The two differ for a moment when a bound must rise though nothing more is drawn yet (the meter went
    silent, or a reading came near the bound): first the devices make room, then the higher bound is stood by.
    A reading above the bound is a fact, and counts at once in both.

    Args:
        nameplate_watts: What the rest can draw at the most, as somebody vouches.
        learned: What is known of it; None where nothing meters it.
        settle_seconds: How long devices take to follow a lower limit.
        now: Monotonic seconds; a meter is given its time to answer from here on.
    """

    def __init__(
        self, nameplate_watts: int, learned: LearnedRest | None, settle_seconds: float, now: float
    ) -> None:
        self.learned = learned
        self.latest_watts: float | None = None
        self._nameplate_watts = nameplate_watts
        self._patience_seconds = settle_seconds + _PATIENCE_SECONDS
        self._readings: deque[float] = deque(maxlen=_BELIEVED_AFTER)
        self._read_at = now
        self._standing_watts = self.highest_watts
        self._rises_at: float | None = None
        self._model: tuple[object, RestModel] | None = None

    @property
    def highest_watts(self) -> int:
        """What the rest can draw at the most: as vouched for, or, where that was wrong, as seen."""
        if self.learned is None or self.learned.highest_seen_watts <= self._nameplate_watts:
            return self._nameplate_watts
        return math.ceil(self.learned.bound_watts)

    def add(self, rest_watts: float, device_watts: float, now: float) -> None:
        """Takes a reading of the meter into account.

        Args:
            rest_watts: What the rest draws.
            device_watts: What all devices draw at the same time.
            now: Monotonic seconds.
        """
        if self.learned is None:
            return
        self._readings.append(rest_watts)
        self._read_at = now
        believed = rest_watts
        if rest_watts > self.highest_watts and not self._is_lasting():
            believed = float(self.highest_watts)
        self.latest_watts = rest_watts
        self.learned.add(believed, device_watts, now)

    def lost(self) -> None:
        """The meter does not answer."""
        self.latest_watts = None

    def refuse(self) -> None:
        """The meter says what cannot be: nothing that it ever said counts."""
        self.lost()
        if self.learned is not None:
            self.learned.forget()

    def source(self, now: float) -> RestSource:
        """Returns where the bound comes from."""
        if self.learned is None:
            return RestSource.UNMETERED
        if now - self._read_at > STALE_SECONDS:
            return RestSource.STALE
        return RestSource.LEARNED if self.learned.is_enough else RestSource.LEARNING

    def model(self, now: float) -> RestModel:
        """Returns the bound that limits are to leave room for."""
        learned, source = self.learned, self.source(now)
        # Kept for as long as what it is made of: it is asked for several times in each turn.
        made_of = (source, None if learned is None else (learned.slices, learned.recent_edge_watts))
        if self._model is None or self._model[0] != made_of:
            highest = self.highest_watts
            known = learned is not None and source is RestSource.LEARNED
            self._model = made_of, learned.model(highest) if learned and known else fixed_rest(highest)
        return self._model[1]

    def stand(self, device_watts: int, budget_watts: int | None, now: float) -> StandingRest:
        """Returns the bound that is stood by beside devices that may draw so much together.

        Args:
            device_watts: What all devices may draw at the worst.
            budget_watts: What the node may draw; None where nothing holds.
            now: Monotonic seconds.
        """
        wanted = self.model(now).bound_watts(device_watts)
        if wanted <= self._standing_watts or budget_watts is None or device_watts + wanted <= budget_watts:
            self._rises_at, self._standing_watts = None, wanted
        elif self._is_overdue(now):
            self._standing_watts = wanted
        else:
            self._standing_watts = max(self._standing_watts, self._believed_watts())
        return StandingRest(self._standing_watts, self.highest_watts, self.source(now), self.latest_watts)

    def _is_overdue(self, now: float) -> bool:
        if self._rises_at is None:
            self._rises_at = now + self._patience_seconds
        return now >= self._rises_at

    def _believed_watts(self) -> int:
        return min(math.ceil(self.latest_watts or 0.0), self.highest_watts)

    def _is_lasting(self) -> bool:
        full = len(self._readings) == _BELIEVED_AFTER
        return full and min(self._readings) > self.highest_watts
