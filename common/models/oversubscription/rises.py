"""How far a draw rises before anything that is decided now can take effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def highest_within(watts: Floats, steps: int) -> Floats:
    """Returns for each sample the highest of itself and the next ``steps``, as far as all were measured.

    Args:
        watts: Samples in order of time, evenly spaced; NaN where there is none.
        steps: How many samples the latency spans; at least 1.
    """
    if len(watts) <= steps:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(watts, steps + 1)
    highest = windows.max(axis=1)
    return np.asarray(highest[np.isfinite(highest)], dtype=np.float64)


def rises_within(watts: Floats, steps: int, *, lowest_start: float = 0.0) -> Floats:
    """Returns for each sample how far the next ``steps`` rise above it, 0 where they only fall.

    Args:
        watts: Samples in order of time, evenly spaced; NaN where there is none.
        steps: How many samples the latency spans; at least 1.
        lowest_start: Rises from the lowest samples do not count, up to this share of them. Draws return to
            their mean: they rise more from a low than from a high, and a threshold is met from near itself.
    """
    if len(watts) <= steps:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(watts, steps + 1)
    rise = windows.max(axis=1) - windows[:, 0]
    known = np.isfinite(rise)
    if lowest_start > 0.0 and known.any():
        known &= windows[:, 0] >= np.quantile(windows[known, 0], lowest_start)
    return np.asarray(rise[known], dtype=np.float64)
