"""Timestamps of the dialects as aware instants."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from common.api.meta import parse_time
from common.grid.errors import GridRefusedError


def parse_instant(text: str, origin: str) -> datetime:
    """Returns an ISO 8601 timestamp as an instant in UTC; one without a zone is UTC.

    Raises:
        GridRefusedError: The text is no timestamp.
    """
    instant = parse_time(text.strip())
    if instant is None:
        raise GridRefusedError(f"{origin} has {text[:40]!r} where a timestamp belongs")
    return instant.astimezone(UTC)


def instant_of(unix_seconds: float, origin: str) -> datetime:
    """Returns Unix seconds as an instant in UTC.

    Raises:
        GridRefusedError: No calendar reaches so far: milliseconds, perhaps.
    """
    try:
        return datetime.fromtimestamp(unix_seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise GridRefusedError(
            f"{origin} has {unix_seconds:g} where a timestamp in seconds belongs"
        ) from error


def spacing_seconds(starts: list[datetime], otherwise: float = 3600.0) -> float:
    """Returns the least distance of ascending instants: how long a value holds where no field says it."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    return min((gap for gap in gaps if gap > 0), default=otherwise)
