"""The internal table of power: whatever was measured, by whomever, in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from common.telemetry.columns import Floats

SCOPE_NODE = "node"
SCOPE_PACKAGE = "package"
SCOPE_GPU = "gpu"
SCOPE_POD = "pod"
SCOPE_POD_GPU = "pod-gpu"
SCOPE_CONTAINER = "container"
SCOPE_PACKAGE_IDLE = "package-idle"
SCOPE_GPU_USE = "gpu-use"

Texts: TypeAlias = NDArray[Any]  # numpy's type of an object array; every element is a str


class Place(NamedTuple):
    """What a reading is about; empty where it does not apply.

    ``scope`` says which: a whole node, a CPU package, a GPU (``device`` is its UUID; the row bears the pod
    that holds it, and is repeated with the same watts for each further holder), a pod's CPU share, a pod's
    GPU share where no GPU is told (contained in the watts of the GPUs), a container's CPU share (contained
    in its pod's), what a package draws without work (contained in the package's), or how much a pod uses a
    GPU that it shares: such a row bears no watts but a weight, comparable on one GPU within one source.
    """

    scope: str
    node: str = ""
    device: str = ""
    namespace: str = ""
    pod: str = ""
    container: str = ""


@dataclass(frozen=True)
class PowerTable:
    """Columns of equal length; one row is one reading.

    Attributes:
        scope: One of the ``SCOPE_`` names.
        node: Node name; may be empty for pods, whose node the API server knows.
        device: GPU UUID, package or zone.
        namespace: Of the pod.
        pod: Pod name.
        container: Container name.
        source: Name of the dialect.
        watts: Mean or instantaneous draw, as the source defines it.
        age_seconds: Since the source took the sample.
    """

    scope: Texts
    node: Texts
    device: Texts
    namespace: Texts
    pod: Texts
    container: Texts
    source: Texts
    watts: Floats
    age_seconds: Floats

    def __len__(self) -> int:
        return int(self.watts.size)

    def where(self, mask: NDArray[np.bool_]) -> PowerTable:
        """Returns the rows for which the mask is true."""
        return PowerTable(*(column[mask] for column in self._columns()))

    def _columns(self) -> tuple[Texts | Floats, ...]:
        return (
            self.scope, self.node, self.device, self.namespace, self.pod, self.container, self.source,
            self.watts, self.age_seconds,
        )  # fmt: skip


def make_table(source: str, places: Sequence[Place], watts: Floats, age_seconds: Floats) -> PowerTable:
    """Builds the table of one source from aligned places, watts and ages."""
    columns: list[Any] = [_texts(place[part] for place in places) for part in range(len(Place._fields))]
    columns += [_texts([source] * len(places)), watts, age_seconds]
    return PowerTable(*columns)


def join_tables(tables: Sequence[PowerTable]) -> PowerTable:
    """Puts tables under one another; no tables make an empty one."""
    if not tables:
        return make_table("", [], np.zeros(0), np.zeros(0))
    columns = zip(*(table._columns() for table in tables), strict=True)
    return PowerTable(*(np.concatenate(column) for column in columns))


def _texts(values: Iterable[str]) -> Texts:
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column
