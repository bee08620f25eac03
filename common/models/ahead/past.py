"""The recorded past of many series, as it is read at a start or from a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SeriesPast:
    """Columns on a common grid; NaN where nothing was recorded.

    Attributes:
        names: Of the series.
        end: Unix seconds at which the last column ends.
        means: Mean over each column, shape (series, columns).
        peaks: Highest value of each column, same shape.
        levels: Value at the end of each column, same shape.
    """

    names: Sequence[str]
    end: float
    means: Array
    peaks: Array
    levels: Array
