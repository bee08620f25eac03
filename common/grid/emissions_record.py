"""The record that the Carbon Aware SDK and the exporters built on it share."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from common.grid.errors import GridRefusedError
from common.grid.instants import parse_instant, spacing_seconds
from common.grid.series import GRAMS_PER_KWH, GridPoint, GridSeries, Signal, ordered

_SECONDS_PER_MINUTE = 60.0


class EmissionsRecord(msgspec.Struct, frozen=True):
    """One value: from when on, in g/kWh, where, and for how many minutes."""

    timestamp: str
    value: float
    location: str = ""
    duration: float = 0.0


def series_of(records: Sequence[EmissionsRecord], origin: str) -> GridSeries:
    """Returns records as a series; a record without duration holds until the next one starts.

    Raises:
        GridRefusedError: A timestamp cannot be read, or there is no record.
    """
    if not records:
        raise GridRefusedError(f"{origin} holds no record; check its zone")
    starts = [parse_instant(record.timestamp, origin) for record in records]
    otherwise = spacing_seconds(sorted(starts))
    points = (
        GridPoint(start, record.duration * _SECONDS_PER_MINUTE or otherwise, record.value)
        for start, record in zip(starts, records, strict=True)
    )
    zone = records[0].location
    return GridSeries(Signal.CARBON_INTENSITY, GRAMS_PER_KWH, zone, origin, ordered(points))
