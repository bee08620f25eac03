"""Learns from a meter what the rest of a node draws at the most: the highest of hours, never less. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nodeagent.guard.rest import RestModel, RestStep
from nodeagent.guard.restbins import (
    RecentDraw,
    RestBin,
    is_news,
    proven_peaks,
    with_reading,
    with_unexplained,
)

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
        recover_seconds: A lower bound beside devices that draw less is gone by once the rest was watched
            beside such for so long: peaks that have nothing to do with devices must have had their chance.
        settled_seconds: The rest has followed the devices after so long.
    """

    enough_seconds: float = 600.0
    window_seconds: float = 6 * 3600.0
    margin_ratio: float = 0.03
    follow_ratio: float = 0.2
    recover_seconds: float = 3600.0
    settled_seconds: float = 300.0

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
        bins: The same by what devices had drawn in the minutes before.
    """

    since: float
    rest_watts: float = 0.0
    device_watts: float = 0.0
    watched_seconds: float = 0.0
    bins: tuple[RestBin, ...] = ()


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
        self._recent = RecentDraw(settings.settled_seconds, _GAP_SECONDS)
        self._unnoted_seconds = 0.0

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
        self._note_bin(rest_watts, device_watts, now)

    def forget(self) -> None:
        """Drops all that was seen: the meter cannot be believed."""
        self.slices, self._lasting = (), None
        self._recent = RecentDraw(self.settings.settled_seconds, _GAP_SECONDS)

    @property
    def recent_edge_watts(self) -> int | None:
        """What devices have drawn at the most in the last minutes; None while that is not known."""
        return self._recent.edge_watts

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
        seen_watts = min(self._with_margin(self.highest_seen_watts), highest_watts)
        device_watts = math.floor(lasted / _STEP_WATTS) * _STEP_WATTS
        return RestModel(
            seen_watts=seen_watts,
            device_watts=device_watts,
            follow_ratio=self.settings.follow_ratio,
            highest_watts=highest_watts,
            steps=self._steps(seen_watts, device_watts),
        )

    def _steps(self, seen_watts: int, device_watts: int) -> tuple[RestStep, ...]:
        """What is known beside devices that draw less than was seen; nothing before they are known to."""
        recent = self._recent.edge_watts
        if recent is None:
            return ()
        bins = [one for s in self.slices for one in s.bins]
        proven = proven_peaks(bins, self.settings.recover_seconds)
        peaks = with_unexplained(proven, bins)
        found = (RestStep(edge, self._with_margin(peak)) for edge, peak in peaks.items() if edge >= recent)
        return tuple(step for step in found if step.device_watts < device_watts and step.watts < seen_watts)

    def _with_margin(self, watts: float) -> int:
        return math.ceil(watts * (1.0 + self.settings.margin_ratio) / _STEP_WATTS) * _STEP_WATTS

    def _note_bin(self, rest_watts: float, device_watts: float, now: float) -> None:
        self._unnoted_seconds += self._recent.add(device_watts, now)
        edge, latest = self._recent.edge_watts, self.slices[-1]
        if edge is None:
            self._unnoted_seconds = 0.0
        elif self._unnoted_seconds >= _LASTING_SECONDS or is_news(latest.bins, edge, rest_watts):
            bins = with_reading(latest.bins, edge, rest_watts, self._unnoted_seconds)
            self.slices = (*self.slices[:-1], replace(latest, bins=bins))
            self._unnoted_seconds = 0.0

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
