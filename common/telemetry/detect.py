"""Which dialects a Prometheus speaks, from the series that it really has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from common.telemetry.dialects import Dialect
from common.telemetry.prometheus import PowerQueries


async def series_present(prometheus: PowerQueries, dialects: Sequence[Dialect]) -> frozenset[str]:
    """Asks once which of the series that reveal the dialects have samples now.

    Raises:
        TelemetryError: Prometheus gave no answer.
    """
    names = sorted({name for dialect in dialects for name in (*dialect.reveals, *dialect.beside)})
    pattern = "|".join(re.escape(name) for name in names)
    answer = await prometheus.query(f'count by (__name__) ({{__name__=~"{pattern}"}})')
    return frozenset(labels["__name__"] for labels in answer.labels)


def spoken(present: frozenset[str], dialects: Sequence[Dialect]) -> list[Dialect]:
    """Returns the dialects of which any series is there."""
    return [dialect for dialect in dialects if present.intersection(dialect.reveals)]
