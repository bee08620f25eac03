"""The recent draw of one domain, evenly spaced in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class DrawWindow:
    """Keeps the highest draw of each step of time; NaN where nothing was measured.

    Args:
        step_seconds: Length of a step.
        window_seconds: How far back it reaches.
    """

    def __init__(self, step_seconds: float, window_seconds: float) -> None:
        self.step_seconds = step_seconds
        self._watts = np.full(max(2, round(window_seconds / step_seconds)), np.nan, dtype=np.float32)
        self._step: int | None = None

    def observe(self, at: float, watts: float) -> None:
        """Takes the draw at a Unix time; one that is older than the newest step counts in that."""
        step = int(at // self.step_seconds)
        self._advance(step)
        self._watts[-1] = np.fmax(self._watts[-1], watts)

    @property
    def watts(self) -> NDArray[np.float64]:
        """The draw by step, the newest last, from the first one measured on."""
        seen = np.flatnonzero(np.isfinite(self._watts))
        return self._watts[seen[0] :].astype(np.float64) if seen.size else np.zeros(0)

    def _advance(self, step: int) -> None:
        shift = 0 if self._step is None else min(step - self._step, len(self._watts))
        self._step = step if self._step is None else max(step, self._step)
        if shift > 0:
            self._watts[:-shift] = self._watts[shift:]
            self._watts[-shift:] = np.nan
