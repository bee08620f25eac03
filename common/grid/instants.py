"""Timestamps of the dialects as aware instants."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from common.grid.errors import GridRefusedError


def parse_instant(text: str, origin: str) -> datetime:
    """Returns an ISO 8601 timestamp as an instant in UTC; one without a zone is UTC.

    Raises:
        GridRefusedError: The text is no timestamp.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise GridRefusedError(f"{origin} has {text[:40]!r} where a timestamp belongs") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def spacing_seconds(starts: list[datetime], otherwise: float = 3600.0) -> float:
    """Returns the least distance of ascending instants: how long a value holds where no field says it."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    return min((gap for gap in gaps if gap > 0), default=otherwise)
