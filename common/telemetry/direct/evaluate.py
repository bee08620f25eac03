"""The families of dialects, answered from memory instead of by Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from common.telemetry.columns import Floats, Vector
from common.telemetry.dialects import Dialect, Family
from common.telemetry.direct.store import SampleStore, Track
from common.telemetry.reading import Answer, Reading, make_reading

_GPU_LABELS = ("UUID", "uuid")


def read_store(
    store: SampleStore, dialects: Sequence[Dialect], at: float, notes: Iterable[str] = ()
) -> Reading:
    """Returns what the store holds as a reading, by the dialects' own words for it.

    Args:
        store: What exporters said.
        dialects: Those that may be read so: their families are plain series, rates, and exclusions by GPU.
        at: Unix seconds.
        notes: What is to be said of the targets.
    """
    present = store.names()
    found = [dialect for dialect in dialects if present.intersection(dialect.reveals)]
    families = [(dialect, family) for dialect in found for family in dialect.families(present)]
    tracks = store.by_name(name for _, family in families for name in (family.series, *family.unless))
    answers = [Answer(dialect.name, family, *_evaluate(family, tracks, at)) for dialect, family in families]
    return make_reading(at, found, answers, notes)


def _evaluate(family: Family, tracks: Mapping[str, Sequence[Track]], at: float) -> tuple[Vector, Floats]:
    """Returns values and ages of a family."""
    better = {_gpu(track) for name in family.unless for track in tracks.get(name, ())}
    kept = [track for track in tracks.get(family.series, ()) if not better or _gpu(track) not in better]
    if family.counter:
        kept = [track for track in kept if track.per_second is not None]
        values = [track.per_second or 0.0 for track in kept]
        times = [track.changed.at for track in kept]
    else:
        values = [track.last.value for track in kept]
        times = [track.last.at for track in kept]
    taken = np.array(times, dtype=np.float64)
    vector = Vector([track.labels for track in kept], taken, np.array(values, dtype=np.float64))
    return vector, at - taken


def _gpu(track: Track) -> tuple[str, ...]:
    return tuple(track.labels.get(name, "") for name in _GPU_LABELS)
