"""Learns from a meter what the rest of a node draws at the most: the highest of hours, never less. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nodeagent.guard.rest import RestModel

_STEP_WATTS = 10
"""Bounds move in steps of this, so that limits are not written for the sake of a watt."""
_LASTING_SECONDS = 10.0
"""Fans follow a rise of the devices' draw in seconds: a draw counts as seen once it has lasted so long."""
_GAP_SECONDS = 5.0
"""After a longer gap between two readings nothing is known to have lasted."""


@dataclass(frozen=True)
class LearningSettings:
    """How the rest is learned.

    Attributes:
        enough_seconds: The bound is not used before the rest was watched for so long.
        window_seconds: What was seen counts for so long.
        margin_ratio: Above the highest that was seen: meters err, and not all is seen.
        follow_ratio: By how much the rest may rise with each watt of devices beyond what was seen.
    """

    enough_seconds: float = 600.0
    window_seconds: float = 6 * 3600.0
    margin_ratio: float = 0.03
    follow_ratio: float = 0.2

    @property
    def slice_seconds(self) -> float:
        """The window forgets by slices of this length."""
        return self.window_seconds / 36


@dataclass(frozen=True)
class RestSlice:
    """What was seen in one slice of the window.

    Attributes:
        since: When it began, in seconds.
        rest_watts: The highest draw of the rest.
        device_watts: The highest draw of all devices together that lasted.
        watched_seconds: For how long both were watched.
    """

    since: float
    rest_watts: float = 0.0
    device_watts: float = 0.0
    watched_seconds: float = 0.0


class LearnedRest:
    """A bound that rises with any higher reading at once, and falls only as slices leave the window.

    Args:
        settings: How the rest is learned.
        known: What was known before, oldest first; times are those of ``now`` below.
    """

    def __init__(self, settings: LearningSettings, known: Iterable[RestSlice] = ()) -> None:
        self.settings = settings
        self.slices = tuple(known)
        self._lasting: tuple[float, float, float] | None = None

    def add(self, rest_watts: float, device_watts: float, now: float) -> None:
        """Takes a reading into account; ``now`` never goes back.

        Args:
            rest_watts: What the rest draws.
            device_watts: What all devices draw at the same time.
            now: Seconds.
        """
        self.slices = tuple(s for s in self.slices if s.since > now - self.settings.window_seconds)
        if not self.slices or now - self.slices[-1].since >= self.settings.slice_seconds:
            self.slices += (RestSlice(now),)
        latest = self.slices[-1]
        if rest_watts > latest.rest_watts:
            self.slices = (*self.slices[:-1], replace(latest, rest_watts=rest_watts))
        self._note_lasting(device_watts, now)

    def forget(self) -> None:
        """Drops all that was seen: the meter cannot be believed."""
        self.slices, self._lasting = (), None

    @property
    def is_enough(self) -> bool:
        """Whether the rest was watched for long enough."""
        return sum(s.watched_seconds for s in self.slices) >= self.settings.enough_seconds

    @property
    def highest_seen_watts(self) -> float:
        """The highest draw of the rest in the window."""
        return max((s.rest_watts for s in self.slices), default=0.0)

    @property
    def bound_watts(self) -> float:
        """The same with the margin."""
        return self.highest_seen_watts * (1.0 + self.settings.margin_ratio)

    def model(self, highest_watts: int) -> RestModel:
        """Returns the bound as far as it is known.

        Args:
            highest_watts: What the rest cannot exceed whatever was learned.
        """
        lasted = max((s.device_watts for s in self.slices), default=0.0)
        return RestModel(
            seen_watts=min(math.ceil(self.bound_watts / _STEP_WATTS) * _STEP_WATTS, highest_watts),
            device_watts=math.floor(lasted / _STEP_WATTS) * _STEP_WATTS,
            follow_ratio=self.settings.follow_ratio,
            highest_watts=highest_watts,
        )

    def _note_lasting(self, device_watts: float, now: float) -> None:
        since, last, lowest = self._lasting or (now, now, device_watts)
        if now - last > _GAP_SECONDS:
            since, lowest = now, device_watts
        lowest = min(lowest, device_watts)
        if now - since < _LASTING_SECONDS:
            self._lasting = (since, now, lowest)
            return
        latest = self.slices[-1]
        grown = replace(
            latest,
            device_watts=max(latest.device_watts, lowest),
            watched_seconds=latest.watched_seconds + now - since,
        )
        self.slices = (*self.slices[:-1], grown)
        self._lasting = (now, now, device_watts)
