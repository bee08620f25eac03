"""Age limits: what is too old is not used, and whoever has gone silent is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from common.telemetry.dialects import Dialect
from common.telemetry.reading import Reading
from common.telemetry.table import PowerTable

_FORGET_AFTER_SECONDS = 3600.0


@dataclass(frozen=True)
class Silence:
    """A source that has gone silent on a node.

    Attributes:
        source: Name of the dialect.
        node: Node name; empty for a source that is not tied to one.
        age_seconds: Since its last sample.
        limit_seconds: The age past which its values are not used.
        remedy: What to look at.
    """

    source: str
    node: str
    age_seconds: float
    limit_seconds: float
    remedy: str


class Freshness:
    """Tells fresh rows from old ones, and remembers whom it has heard.

    Prometheus drops the series of a target that is down at once, so silence shows only against memory.
    """

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._dialects = {dialect.name: dialect for dialect in dialects}
        self._heard: dict[tuple[str, str], float] = {}

    def fresh(self, reading: Reading, at: float) -> PowerTable:
        """Returns the rows that are young enough at a Unix time, and notes who was heard when."""
        table = reading.table
        self._remember(reading)
        limits = {name: dialect.age_limit_seconds for name, dialect in self._dialects.items()}
        limit = np.array([limits.get(source, 0.0) for source in table.source], dtype=np.float64)
        return table.where(table.age_seconds + (at - reading.at) <= limit)

    def silences(self, at: float, nodes: Iterable[str]) -> list[Silence]:
        """Returns which sources have gone silent, on nodes that still exist (or tied to none).

        Args:
            at: Unix seconds now.
            nodes: Names of the nodes that exist.
        """
        existing = {*nodes, ""}
        found = []
        for (source, node), heard in sorted(self._heard.items()):
            dialect = self._dialects[source]
            if node in existing and at - heard > dialect.age_limit_seconds:
                found.append(Silence(source, node, at - heard, dialect.age_limit_seconds, dialect.remedy))
        return found

    def _remember(self, reading: Reading) -> None:
        table = reading.table
        for source, node, age in zip(table.source, table.node, table.age_seconds.tolist(), strict=True):
            if source in self._dialects and np.isfinite(age):
                key = (source, node)
                self._heard[key] = max(self._heard.get(key, 0.0), reading.at - age)
        oldest = reading.at - _FORGET_AFTER_SECONDS
        # What was heard in the future was heard before the clock was set back.
        self._heard = {key: min(heard, reading.at) for key, heard in self._heard.items() if heard >= oldest}
