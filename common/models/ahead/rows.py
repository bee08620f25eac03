"""Which row of the arrays belongs to which series."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Array = NDArray[np.float64]


class Rows:
    """Hands out rows; a row that was given back is used again."""

    def __init__(self) -> None:
        self._row: dict[str, int] = {}
        self._free: list[int] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Returns how many rows arrays must have."""
        return self._size

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the series that have a row."""
        return tuple(self._row)

    def find(self, name: str) -> int | None:
        """Returns the row of a series; None for one without."""
        return self._row.get(name)

    def of(self, names: Iterable[str]) -> Indices:
        """Returns the rows of series; those without one get one."""
        return np.array([self._of(name) for name in names], dtype=np.int64)

    def give_back(self, name: str) -> None:
        """Frees the row of a series that is gone."""
        self._free.append(self._row.pop(name))

    def _of(self, name: str) -> int:
        row = self._row.get(name)
        if row is None:
            row = self._free.pop() if self._free else self._size
            self._size = max(self._size, row + 1)
            self._row[name] = row
        return row


def grown(array: Array, rows: int, fill: float) -> Array:
    """Returns an array with at least so many rows, the new ones filled with a value."""
    missing = rows - len(array)
    if missing <= 0:
        return array
    more = np.full((max(missing, len(array)), *array.shape[1:]), fill, dtype=array.dtype)
    return np.concatenate([array, more])
