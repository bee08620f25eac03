"""The load trace: requests per second and tokens per request of each service, second by second."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from common.service.settings import SettingsError
from common.twin.serving import Demand

NOTHING = Demand(0.0, 512.0, 128.0)
COLUMNS = ("second", "service", "requests_per_second", "prompt_tokens", "output_tokens")


class LoadTrace:
    """Demand by service; between two rows of a service the earlier one holds, after the last the last."""

    def __init__(self, rows: Mapping[str, Sequence[tuple[float, Demand]]]) -> None:
        self._rows = {service: sorted(points, key=lambda point: point[0]) for service, points in rows.items()}

    @property
    def services(self) -> list[str]:
        """Names of the services that the trace loads."""
        return sorted(self._rows)

    @property
    def seconds(self) -> float:
        """Time of the last row."""
        return max((points[-1][0] for points in self._rows.values()), default=0.0)

    def demand(self, service: str, second: float) -> Demand:
        """Returns what arrives at a service as a whole; nothing before its first row."""
        points = self._rows.get(service, [])
        index = bisect_right(points, second, key=lambda point: point[0])
        return points[index - 1][1] if index else NOTHING


def read_trace(path: Path) -> LoadTrace:
    """Reads a trace from CSV (columns: ``COLUMNS``).

    Raises:
        SettingsError: the file cannot be read, or a row is malformed.
    """
    rows: dict[str, list[tuple[float, Demand]]] = defaultdict(list)
    try:
        with path.open(newline="") as lines:
            for row in csv.DictReader(lines):
                second, service, *numbers = (row[column] for column in COLUMNS)
                rows[service].append((float(second), Demand(*map(float, numbers))))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"--trace: {path}: {error!r}; wanted columns: {', '.join(COLUMNS)}") from error
    return LoadTrace(rows)
