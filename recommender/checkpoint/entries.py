"""Memory as named, compact entries and back; entries are what is put into shards."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from common.models.ahead import AheadSettings
from common.models.ahead.record import SeriesRecord
from common.models.draw_histogram import DrawHistogram
from common.models.power.recursive import Moments
from recommender.model.memory import Memory
from recommender.model.usage import ContainerKey

log = logging.getLogger(__name__)

Entries = dict[str, bytes]
"""Payload by name; the names sort by how much would be missed: power models, containers, series."""

_POWER, _USAGE, _SERIES = "0-power", "1-usage", "2-series"


def entries_of(memory: Memory) -> Entries:
    """Returns all that is worth keeping."""
    return dict([*_power(memory), *_usage(memory), *_series(memory)])


def restore(memory: Memory, entries: Mapping[str, bytes]) -> int:
    """Takes entries into an empty memory; returns how many. One that cannot be read is passed over."""
    taken = 0
    for name, payload in entries.items():
        kind, _, key = name.partition("/")
        try:
            _TAKE[kind](memory, key, msgspec.msgpack.decode(zlib.decompress(payload)))
            taken += 1
        except (KeyError, ValueError, TypeError, zlib.error, msgspec.DecodeError) as error:
            log.warning(
                "an entry of the checkpoint cannot be read", extra={"entry": name, "error": str(error)}
            )
    return taken


def _pack(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), level=6)


def _power(memory: Memory) -> Iterator[tuple[str, bytes]]:
    for key, one in list(memory.power.moments.items()):
        values = [one.squares.tolist(), one.products.tolist(), one.outcome_squares, one.count, one.last]
        yield f"{_POWER}/{key}", _pack(values)


def _usage(memory: Memory) -> Iterator[tuple[str, bytes]]:
    for key, histogram in list(memory.usage.histograms.items()):
        kind = memory.usage.kinds.get(key, "")
        yield f"{_USAGE}/{'/'.join(key)}", _pack([list(key), kind, histogram.record()])


def _series(memory: Memory) -> Iterator[tuple[str, bytes]]:
    for record in memory.forecaster.records():
        yield f"{_SERIES}/{record.name}", _pack(record.packed())


def _take_power(memory: Memory, key: str, value: Any) -> None:
    squares, products, outcome_squares, count, last = value
    memory.power.moments.setdefault(
        key, Moments(np.array(squares), np.array(products), outcome_squares, count, last)
    )


def _take_usage(memory: Memory, _: str, value: Any) -> None:
    parts, kind, record = value
    memory.usage.restore(ContainerKey(*parts), kind, DrawHistogram.of_record(record))


def _take_series(memory: Memory, _: str, value: Any) -> None:
    memory.forecaster.restore(SeriesRecord.unpacked(value, AheadSettings().columns))


_TAKE = {_POWER: _take_power, _USAGE: _take_usage, _SERIES: _take_series}
