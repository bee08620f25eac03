"""How workloads slow down: from the sweeps that were given, else from what GPUs do in general."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from common.models.slowdown.generic import generic_model
from common.models.slowdown.model import SlowdownEstimate, SlowdownModel
from common.models.slowdown.table import Measured

_SAME_BOARD = 0.02
"""Relative difference of the highest limits up to which sweeps count as of the same kind of GPU."""
_GRID = 8
_DRAW_STEP_WATTS = 10
_KEPT = 1024


@dataclass(frozen=True)
class Curve:
    """A slowdown estimate, and whether it rests on probes of the workload itself."""

    estimate: SlowdownEstimate
    probed: bool


class SlowdownLibrary:
    """Answers for any workload on any GPU.

    Args:
        tables: Measured workloads, one table per kind of GPU. A workload that is named ``Kind/name`` there is
            the one of that name here: its own times count as probes.
    """

    def __init__(self, tables: Sequence[Sequence[Measured]] = ()) -> None:
        self._models: dict[float, SlowdownModel] = {}
        self._probes: dict[tuple[str, float], dict[float, float]] = {}
        for table in tables:
            self._take(table)
        self._answer = lru_cache(maxsize=_KEPT)(self._estimate)

    def estimate(self, workload: str, floor_watts: int, ceiling_watts: int, draw_watts: float) -> Curve:
        """Returns the curve of a workload on GPUs of some bounds, that draws so much of them uncapped."""
        draw = max(_DRAW_STEP_WATTS, round(draw_watts / _DRAW_STEP_WATTS) * _DRAW_STEP_WATTS)
        return self._answer(workload, floor_watts, ceiling_watts, draw)

    def _estimate(self, workload: str, floor_watts: int, ceiling_watts: int, draw_watts: int) -> Curve:
        board = next((most for most in self._models if abs(most / ceiling_watts - 1) <= _SAME_BOARD), None)
        model = generic_model(ceiling_watts) if board is None else self._models[board]
        probes = {} if board is None else self._probes.get((workload, board), {})
        inside = {watts: seconds for watts, seconds in probes.items() if watts <= ceiling_watts}
        grid = np.linspace(floor_watts, ceiling_watts, _GRID)
        limits = np.unique(np.concatenate([grid, list(inside)]))
        return Curve(model.estimate(limits, float(draw_watts), inside or None), bool(inside))

    def _take(self, table: Sequence[Measured]) -> None:
        sweeps = [sweep for one in table if (sweep := one.sweep) is not None]
        most = max((float(sweep.limits_watts[-1]) for sweep in sweeps), default=0.0)
        if len(sweeps) >= 2:
            self._models[most] = SlowdownModel(sweeps)
        for one in table:
            self._probes[one.name, most] = one.seconds
