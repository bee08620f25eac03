"""A file of timestamps and values: what an operator writes, and what most archives publish."""

from __future__ import annotations

import asyncio
import csv
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.instants import parse_instant, spacing_seconds
from common.grid.series import GridPoint, GridSeries, Signal, ordered


@dataclass(frozen=True)
class CsvFile:
    """A CSV file with a header; the first column is the start of each value, in ISO 8601.

    A timestamp without a zone is UTC. An empty cell is a gap.

    Attributes:
        path: Of the file, read anew at each fetch.
        signal: What the values are.
        unit: Of the values.
        column: Name of the column of values; empty for the second one.
        zone: Of the values, for display.
    """

    path: Path
    signal: Signal
    unit: str
    column: str = ""
    zone: str = ""

    @property
    def name(self) -> str:
        """Returns the file's name."""
        return f"file {self.path.name}"

    async def fetch(self) -> GridSeries:
        """Reads the file beside the loop.

        Raises:
            GridUnavailableError: The file is not there.
            GridRefusedError: It is not such a file; the message names the line.
        """
        rows = await asyncio.to_thread(read_points, self.path, self.column)
        seconds = spacing_seconds(sorted(start for start, _ in rows))
        points = (GridPoint(start, seconds, value) for start, value in rows if math.isfinite(value))
        return GridSeries(self.signal, self.unit, self.zone, self.name, ordered(points))


def read_points(path: Path, column: str = "") -> list[tuple[datetime, float]]:
    """Returns the rows of a file in their order; NaN where a cell is empty.

    Raises:
        GridUnavailableError: The file is not there.
        GridRefusedError: It is not such a file; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise GridUnavailableError(f"cannot read {path}: {error.strerror}; check the path") from error
    except UnicodeDecodeError as error:
        raise GridRefusedError(f"{path} is not UTF-8 text; convert it") from error
    rows = csv.reader(text.splitlines())
    place = _place(next(rows, []), column, path)
    return [_row(row, place, f"{path}, line {rows.line_num}") for row in rows if row]


def _place(header: list[str], column: str, path: Path) -> int:
    if column and column in header:
        return header.index(column)
    if column or len(header) < 2:
        raise GridRefusedError(f"{path} has no column {column or 'of values'}; it has {', '.join(header)}")
    return 1


def _row(row: list[str], place: int, where: str) -> tuple[datetime, float]:
    start = parse_instant(row[0], where)
    text = row[place].strip() if place < len(row) else ""
    try:
        return start, float(text) if text else math.nan
    except ValueError as error:
        raise GridRefusedError(f"{where} has {text[:40]!r} where a number belongs") from error
