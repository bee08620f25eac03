"""One reading of all power in the cluster: every family of every dialect, asked for once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.telemetry.columns import Floats, Labels, Vector
from common.telemetry.dialects import Dialect, Family
from common.telemetry.prometheus import PowerQueries
from common.telemetry.scrape_labels import OwnLabels, own_labels
from common.telemetry.table import Place, PowerTable, join_tables, make_table

IMPOSSIBLE_WATTS = 1e6
"""DCGM's blanks are huge integers; no node draws a megawatt."""


@dataclass(frozen=True)
class Reading:
    """All that Prometheus said at one time.

    Attributes:
        at: Unix seconds of evaluation.
        table: Every possible value, old ones included.
        sources: Names of the dialects found.
        impossible: Values dropped (not a number, negative, or beyond a megawatt), by source.
        notes: Warnings and infos of the server.
    """

    at: float
    table: PowerTable
    sources: tuple[str, ...] = ()
    impossible: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Values of a family, with the age of each in seconds; infinite where it is not known."""

    source: str
    family: Family
    values: Vector
    ages: Floats


async def read_power(
    prometheus: PowerQueries,
    dialects: Sequence[Dialect],
    present: frozenset[str],
    at: float,
    *,
    detail: bool = False,
) -> Reading:
    """Asks every family for values and ages at one time, concurrently.

    Args:
        prometheus: Whom to ask.
        dialects: Those that the server speaks.
        present: Names of the series that are there.
        at: Unix seconds at which all are evaluated.
        detail: Also containers, and the GPU watts of pods.

    Raises:
        TelemetryError: Any of the questions failed: half a reading would look like a fall of power.
    """
    families = [
        (dialect, family)
        for dialect in dialects
        for family in dialect.families(present)
        if detail or not family.detail
    ]
    asked = await asyncio.gather(*(_ask(prometheus, family, at) for _, family in families))
    answers = [
        Answer(dialect.name, family, values, _ages(values, taken, at))
        for (dialect, family), (values, taken) in zip(families, asked, strict=True)
    ]
    notes = (note for values, taken in asked for note in (*values.notes, *taken.notes))
    return make_reading(at, dialects, answers, notes)


def make_reading(
    at: float, dialects: Iterable[Dialect], answers: Iterable[Answer], notes: Iterable[str]
) -> Reading:
    """Converts answers to families, wherever they come from, into one reading.

    Args:
        at: Unix seconds of evaluation.
        dialects: Those that are spoken.
        answers: Values and ages.
        notes: Of whoever answered.
    """
    tables: list[PowerTable] = []
    dropped: dict[str, int] = {}
    for answer in answers:
        table, lost = _convert(answer)
        tables.append(table)
        dropped[answer.source] = dropped.get(answer.source, 0) + lost
    return Reading(
        at=at,
        table=join_tables(tables),
        sources=tuple(dialect.name for dialect in dialects),
        impossible=tuple((name, count) for name, count in dropped.items() if count),
        notes=tuple(sorted(set(notes))),
    )


async def _ask(prometheus: PowerQueries, family: Family, at: float) -> tuple[Vector, Vector]:
    values, taken = await asyncio.gather(*(prometheus.query(each, at=at) for each in family.questions))
    return values, taken


def _ages(values: Vector, taken: Vector, at: float) -> Floats:
    """Returns the age of each value; infinite for one whose time the server did not tell."""
    times = dict(zip(map(_identity, taken.labels), taken.values.tolist(), strict=True))
    return np.array(
        [at - times.get(_identity(labels), -np.inf) for labels in values.labels], dtype=np.float64
    )


def _identity(labels: Labels) -> frozenset[tuple[str, str]]:
    return frozenset(item for item in labels.items() if item[0] != "__name__")


def _repeated(values: Vector, places: Sequence[Place | None], ages: Floats) -> NDArray[np.bool_]:
    """Tells which rows say again what a younger one says: of an exporter that two jobs scrape."""
    seen: dict[tuple[Place, OwnLabels], int] = {}
    repeated = np.zeros(len(places), dtype=bool)
    several = {place for place, count in Counter(places).items() if count > 1}
    for row, place in enumerate(places):
        if place is None or place not in several:
            continue
        key = (place, own_labels(values.labels[row]))
        before = seen.setdefault(key, row)
        if before != row:
            older = row if ages[row] >= ages[before] else before
            repeated[older] = True
            seen[key] = before + row - older
    return repeated


def _convert(answer: Answer) -> tuple[PowerTable, int]:
    """Returns the rows of an answer, and how many values were impossible."""
    family, values, ages = answer.family, answer.values, answer.ages
    places = [family.place(labels) for labels in values.labels]
    watts = values.values * family.watts_per_unit
    if family.factor is not None:
        watts = watts * np.array([family.factor(labels) for labels in values.labels], dtype=np.float64)
    possible = np.isfinite(watts) & (watts >= 0) & (watts <= IMPOSSIBLE_WATTS)
    placed: NDArray[np.bool_] = np.array([place is not None for place in places], dtype=bool)
    rows = possible & placed & ~_repeated(values, places, ages)
    kept = [place for place, keep in zip(places, rows, strict=True) if place is not None and keep]
    return make_table(answer.source, kept, watts[rows], ages[rows]), int((placed & ~possible).sum())
