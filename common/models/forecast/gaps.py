"""What in a series was not recorded, as opposed to low."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_PARTIAL_SHARE = 0.1
_SHARE = 1.0 - 0.5 ** (1.0 / 36)  # the usual level has a half-life of 36 values
_BELIEVED_AFTER_STEPS = 18


class GapFilter:
    """Turns values that are no measurement into NaN, one column of all series at a time.

    Zero, negative and non-finite values are gaps. A value under a tenth of the usual level is withheld as a
    partly recorded window, which is what stands beside gaps; when it goes on for 18 values it is a real
    drop and believed. Only the past is looked at.

    Args:
        series: Number of series.
    """

    def __init__(self, series: int) -> None:
        self._usual: Array = np.full(series, np.nan)
        self._low_for: Array = np.zeros(series)

    def take(self, values: Array) -> Array:
        """Returns a copy of one column, shape (series,), with NaN where there is no measurement."""
        # Nearly every column is whole, and a loop over a long history spends its time here.
        if ((values > _PARTIAL_SHARE * self._usual) & (values < np.inf)).all():
            self._usual = self._usual + _SHARE * (values - self._usual)
            self._low_for[:] = 0
            return values
        kept = np.where(np.isfinite(values) & (values > 0), values, np.nan)
        low: NDArray[np.bool_] = kept < _PARTIAL_SHARE * self._usual
        self._low_for = np.where(low, self._low_for + 1, np.where(np.isnan(kept), self._low_for, 0))
        believed = low & (self._low_for >= _BELIEVED_AFTER_STEPS)
        kept[low & ~believed] = np.nan
        moved = np.where(np.isnan(self._usual) | believed, kept, self._usual + _SHARE * (kept - self._usual))
        self._usual = np.where(np.isnan(kept), self._usual, moved)
        return kept


def mask_gaps(values: Array) -> Array:
    """Returns a copy of series, shape (series, times), with NaN for what was not recorded.

    The rule is that of :class:`GapFilter`: causal, so that a value's fate never depends on later ones.
    """
    gaps = GapFilter(values.shape[0])
    return np.stack([gaps.take(column) for column in values.T], axis=1)


def fill_forward(logs: Array) -> Array:
    """Returns a copy with each NaN replaced by the last known value of its row; leading ones stay."""
    index = np.where(np.isnan(logs), 0, np.arange(logs.shape[1]))
    np.maximum.accumulate(index, axis=1, out=index)
    filled: Array = np.take_along_axis(logs, index, axis=1)
    return filled
