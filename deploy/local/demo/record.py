"""Reads what the machine room recorded: the true draw of the simulated devices."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from deploy.local.demo.physics import Slice
from deploy.local.machine_room.recorder import SECONDS_FILE, SLICES_FILE

_SLICE_SECONDS = 0.1
IDLE_AND_REST = "idle GPUs, CPUs, fans, losses"


def read_slices(folder: Path) -> list[Slice]:
    """Returns the total draw in slices of 0.1 s; ``start`` in Unix seconds."""
    rows = _rows(folder / SLICES_FILE)
    return [Slice(float(row["unix_seconds"]), _SLICE_SECONDS, float(row["watts"])) for row in rows]


def read_seconds(folder: Path) -> tuple[list[float], dict[str, list[float]]]:
    """Returns the Unix seconds of the record, and watts per workload for each of them.

    What no workload accounts for is the last entry, so that the entries add up to the total.
    """
    totals: dict[float, float] = {}
    parts: defaultdict[str, dict[float, float]] = defaultdict(dict)
    for row in _rows(folder / SECONDS_FILE):
        second, watts = float(row["unix_seconds"]), float(row["watts"])
        if row["scope"] == "total":
            totals[second] = watts
        elif row["scope"] == "workload":
            parts[row["name"]][second] = watts
    seconds = sorted(totals)
    series = {name: [part.get(second, 0.0) for second in seconds] for name, part in sorted(parts.items())}
    known = [sum(column) for column in zip(*series.values(), strict=True)] if series else [0.0] * len(seconds)
    rest = [totals[second] - watts for second, watts in zip(seconds, known, strict=True)]
    return seconds, series | {IDLE_AND_REST: rest}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if all(value is not None for value in row.values()):  # the last line may still be in writing
                yield row
