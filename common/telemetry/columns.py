"""Answers of Prometheus as numpy columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Vector:
    """An instant answer: one value per series.

    Attributes:
        labels: Label sets, one per series.
        timestamps: Unix seconds of evaluation, shape (series,).
        values: Shape (series,).
        notes: Warnings and infos of the server; a partial answer says so only here.
    """

    labels: Sequence[Labels]
    timestamps: Floats
    values: Floats
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Matrix:
    """A range answer on one grid of times.

    Attributes:
        labels: Label sets, one per series.
        timestamps: Unix seconds of the grid, shape (times,).
        values: Shape (series, times); NaN where a series has no sample.
        notes: Warnings and infos of the server.
    """

    labels: Sequence[Labels]
    timestamps: Floats
    values: Floats
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)
