"""The best total value of a division, by a linear program: the judge of the exact division."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from common.algorithms.nesting import Nesting
from common.algorithms.protocol import UNCAPPED, Snapshot, Watts


def served_value(snapshot: Snapshot, watts: Watts) -> float:
    """Returns what a division is worth on the curves of its only demand level."""
    curves = snapshot.demand[0].curves
    assert curves is not None
    start = np.cumsum(curves.step_watts, axis=1) - curves.step_watts
    used = np.clip((watts - snapshot.floor_watts)[:, None] - start, 0, curves.step_watts)
    return float((used * curves.value_per_watt).sum())


def best_value(snapshot: Snapshot) -> float:
    """Returns HiGHS' optimum: one variable per step, one row per group; concave, so steps fill in order."""
    curves = snapshot.demand[0].curves
    assert curves is not None
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    steps = curves.step_watts.shape[1]
    count = curves.step_watts.size
    solver.addVars(count, np.zeros(count), curves.step_watts.ravel().astype(np.float64))
    solver.changeColsCost(count, np.arange(count, dtype=np.int32), curves.value_per_watt.ravel())
    nesting = Nesting(snapshot.caps, snapshot.group)
    floors = nesting.sums(snapshot.floor_watts)
    for index, cap in enumerate(snapshot.caps.cap_watts.tolist()):
        members = nesting.members(index)
        if cap < UNCAPPED and members.size:
            columns = (members[:, None] * steps + np.arange(steps)).ravel().astype(np.int32)
            room = float(max(0, cap - int(floors[index])))
            solver.addRow(-highspy.kHighsInf, room, len(columns), columns, np.ones(len(columns)))
    solver.maximize()
    return _objective(solver)


def _objective(solver: Any) -> float:
    return float(solver.getObjectiveValue())
