"""A short memory of what exporters said: enough for ages, and for rates of counters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from common.telemetry.columns import Labels
from common.telemetry.direct.exposition import PageSample

FORGET_AFTER_SECONDS = 600.0
"""A target that has been silent for so long is gone; no age limit is longer."""

Key = tuple[str, frozenset[tuple[str, str]]]


class Point(NamedTuple):
    """A value, and the Unix seconds at which it was taken."""

    at: float
    value: float


@dataclass(frozen=True)
class Track:
    """A series of one target.

    Attributes:
        labels: Of the series.
        last: The newest sample.
        changed: Where the value last became another one; equal to ``last`` at first.
        before: The value before that, and where it was first seen; None until then.
    """

    labels: Labels
    last: Point
    changed: Point
    before: Point | None = None

    def then(self, point: Point) -> Track:
        """Returns the series with a sample more."""
        if point.at <= self.last.at:
            return self
        if point.value == self.last.value:
            return Track(self.labels, point, self.changed, self.before)
        return Track(self.labels, point, point, self.changed)

    @property
    def per_second(self) -> float | None:
        """The rate of a counter between the last two values that differ; None before two, or after a restart.

        Exporters collect more rarely than they are read: a value that only stood still says nothing yet.
        """
        if self.before is None or self.changed.value < self.before.value:
            return None
        return (self.changed.value - self.before.value) / (self.changed.at - self.before.at)


class SampleStore:
    """The last samples of all targets. A series that a page has no longer is dropped at once."""

    def __init__(self) -> None:
        self._tracks: dict[str, dict[Key, Track]] = {}
        self._heard: dict[str, float] = {}

    def put(self, target: str, at: float, samples: Iterable[PageSample]) -> None:
        """Takes in a page of a target, read at a Unix time; stamps are in this machine's time."""
        # What is later than this page was noted before the clock was set back: its age is not known.
        before = self._tracks.get(target, {}) if self._heard.get(target, at) <= at else {}
        now: dict[Key, Track] = {}
        for sample in samples:
            key = (sample.name, frozenset(sample.labels.items()))
            point = Point(at if sample.stamp is None else min(sample.stamp, at), sample.value)
            known = before.get(key)
            now[key] = known.then(point) if known else Track(sample.labels, point, point)
        self._tracks[target], self._heard[target] = now, at

    def forget(self, targets: Iterable[str], at: float) -> None:
        """Drops targets that are no longer wanted, silent for long, or heard before a clock was set back."""
        kept = set(targets)
        for target in [one for one in self._tracks if one not in kept or self._is_old(one, at)]:
            del self._tracks[target], self._heard[target]

    def names(self) -> frozenset[str]:
        """Returns the names of all series."""
        return frozenset(name for tracks in self._tracks.values() for name, _ in tracks)

    def by_name(self, names: Iterable[str]) -> dict[str, list[Track]]:
        """Returns the series of several names in one pass."""
        wanted = frozenset(names)
        found: dict[str, list[Track]] = defaultdict(list)
        for tracks in self._tracks.values():
            for (name, _), track in tracks.items():
                if name in wanted:
                    found[name].append(track)
        return found

    def _is_old(self, target: str, at: float) -> bool:
        return not 0 <= at - self._heard[target] <= FORGET_AFTER_SECONDS
