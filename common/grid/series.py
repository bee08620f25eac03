"""What a source of the grid answers: values over stretches of time, in one unit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Signal(StrEnum):
    """What is measured."""

    CARBON_INTENSITY = "carbonIntensity"
    PRICE = "price"


GRAMS_PER_KWH = "gCO2/kWh"


@dataclass(frozen=True, order=True)
class GridPoint:
    """One value.

    Attributes:
        start: First instant it holds for, aware.
        seconds: How long it holds.
        value: In the unit of its series.
    """

    start: datetime
    seconds: float
    value: float

    @property
    def end(self) -> datetime:
        """Returns the first instant it no longer holds for."""
        return self.start + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class GridSeries:
    """Values of one zone, measured, published or forecast by the source itself.

    Attributes:
        signal: What the values are.
        unit: ``gCO2/kWh``, or money per MWh as ``EUR/MWh``.
        zone: As the source names it.
        source: Name of the source.
        points: Ascending by start, no start twice.
    """

    signal: Signal
    unit: str
    zone: str
    source: str
    points: tuple[GridPoint, ...]

    def at(self, instant: datetime) -> float | None:
        """Returns the value that holds at an instant, None where there is none."""
        place = bisect_right(self.points, instant, key=lambda point: point.start) - 1
        if place < 0 or instant >= self.points[place].end:
            return None
        return self.points[place].value

    def between(self, start: datetime, end: datetime) -> tuple[GridPoint, ...]:
        """Returns the points that overlap a stretch of time."""
        return tuple(point for point in self.points if point.start < end and point.end > start)


def ordered(points: Iterable[GridPoint]) -> tuple[GridPoint, ...]:
    """Returns points by start; of several with the same start the last one given, as the newer one."""
    return tuple(sorted({point.start: point for point in points}.values()))
