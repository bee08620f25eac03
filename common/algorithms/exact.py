"""A mixed-integer program with a deadline: exact also where value curves are not concave.

Idle power makes curves rise before they fall (the first watts buy nothing), which water-filling cannot see.
Here each step of a curve is a whole number of watts, and a binary opens a step that is worth more than the
one before it only once that one is full. Priorities are weights. The plan of water-filling on the concave
hull is the incumbent, so that a deadline never makes things worse than the default; the proven gap is told.

Needs ``highspy`` (``pip install 'climatik[exact]'``), imported at the first use: it costs half a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from common.algorithms.concave_hull import concave_hull
from common.algorithms.errors import AlgorithmError
from common.algorithms.nesting import Nesting
from common.algorithms.protocol import (
    UNCAPPED,
    DemandLevel,
    Description,
    Floats,
    Indices,
    Parameter,
    Plan,
    Snapshot,
    ValueCurves,
    Watts,
)
from common.algorithms.water_filling import divide


class Exact:
    """HiGHS on the whole division."""

    description = Description(
        name="exact",
        summary="Mixed-integer program with a deadline; exact for any value curve, reports the proven gap.",
        inputs=("caps", "floor_watts", "ceiling_watts", "demand", "current_watts"),
        parameters=(
            Parameter("deadline", 2, 0.05, 30, "seconds of search; then the best plan so far counts"),
            Parameter("priority-weight", 100, 2, 10_000, "watts of one priority that outweigh one above it"),
        ),
    )

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns the best plan found, with the proven gap as a note.

        Raises:
            AlgorithmError: ``highspy`` is not installed.
        """
        if not any(level.watts.any() for level in snapshot.demand):
            return Plan(watts=divide(snapshot), notes=("nothing is asked for: no search was needed",))
        hull = divide(replace(snapshot, demand=tuple(map(_hulled, snapshot.demand))))
        steps = _Steps.of(snapshot, parameters["priority-weight"])
        room = snapshot.caps.cap_watts - Nesting(snapshot.caps, snapshot.group).sums(snapshot.floor_watts)
        if (room < 0).any():
            return Plan(watts=hull, notes=("the floors do not fit under the caps: shared evenly",))
        solver = _program(snapshot, steps, room, parameters["deadline"])
        solver.setSolution(
            len(steps.watts), np.arange(len(steps.watts), dtype=np.int32), steps.used(snapshot, hull)
        )
        solver.run()
        served, gap = _outcome(solver, steps)
        if served is None:
            return Plan(watts=hull, notes=("no better plan than water-filling's was found in time",))
        whole = replace(snapshot, demand=(DemandLevel(0, served),))
        return Plan(watts=divide(whole), notes=(f"proven gap {100 * gap:.2f} %",))


@dataclass(frozen=True)
class _Steps:
    """All steps of all levels as variables.

    Attributes:
        member: Whose.
        watts: How long.
        value: Worth of a watt, priorities included.
        opens: Whether a step is worth more than the one before it in its curve.
    """

    member: Indices
    watts: Watts
    value: Floats
    opens: Indices

    @classmethod
    def of(cls, snapshot: Snapshot, weight: float) -> _Steps:
        """Lays the levels out, the highest first; a level's watts end at the member's ceiling."""
        parts = [
            _level_steps(level, weight ** (len(snapshot.demand) - 1 - rank))
            for rank, level in enumerate(snapshot.demand)
        ]
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def used(self, snapshot: Snapshot, watts: Watts) -> Floats:
        """Returns how much of each step a plan uses, filled in order."""
        used = np.zeros(len(self.watts))
        left = watts - snapshot.floor_watts
        for row, (member, length) in enumerate(zip(self.member.tolist(), self.watts.tolist(), strict=True)):
            used[row] = max(0, min(length, left[member]))
            left[member] -= int(used[row])
        return used


def _level_steps(level: DemandLevel, weight: float) -> tuple[Indices, Watts, Floats, Indices]:
    curves = level.curves or ValueCurves.straight(level.watts)
    length, worth = curves.step_watts, curves.value_per_watt
    opens = np.zeros(length.shape, dtype=np.int64)
    opens[:, 1:] = worth[:, 1:] > worth[:, :-1]
    highest = float(np.abs(worth).max()) or 1.0
    member = np.repeat(np.arange(len(length)), length.shape[1])
    return member, length.ravel(), weight * worth.ravel() / highest, opens.ravel()


def _hulled(level: DemandLevel) -> DemandLevel:
    return level if level.curves is None else replace(level, curves=concave_hull(level.curves))


def _program(snapshot: Snapshot, steps: _Steps, room: Watts, deadline_seconds: float) -> Any:
    highs = _highs()
    solver: Any = highs.Highs()
    solver.silent()
    solver.setOptionValue("time_limit", deadline_seconds)
    solver.setOptionValue("threads", 1)
    count = len(steps.watts)
    solver.addVars(count, np.zeros(count), steps.watts.astype(np.float64))
    columns = np.arange(count, dtype=np.int32)
    solver.changeColsCost(count, columns, steps.value)
    solver.changeColsIntegrality(count, columns, np.full(count, highs.HighsVarType.kInteger))
    solver.changeObjectiveSense(highs.ObjSense.kMaximize)
    _bound_groups(solver, highs, snapshot, steps, room)
    _bound_members(solver, highs, snapshot, steps)
    _order_steps(solver, highs, steps)
    return solver


def _bound_groups(solver: Any, highs: Any, snapshot: Snapshot, steps: _Steps, room: Watts) -> None:
    nesting = Nesting(snapshot.caps, snapshot.group)
    for index, left in enumerate(room.tolist()):
        if snapshot.caps.cap_watts[index] < UNCAPPED:
            columns = np.flatnonzero(np.isin(steps.member, nesting.members(index))).astype(np.int32)
            solver.addRow(-highs.kHighsInf, float(left), len(columns), columns, np.ones(len(columns)))


def _bound_members(solver: Any, highs: Any, snapshot: Snapshot, steps: _Steps) -> None:
    asked = np.bincount(steps.member, weights=steps.watts, minlength=len(snapshot.members))
    most = snapshot.ceiling_watts - snapshot.floor_watts
    for member in np.flatnonzero(asked > most).tolist():
        columns = np.flatnonzero(steps.member == member).astype(np.int32)
        solver.addRow(-highs.kHighsInf, float(most[member]), len(columns), columns, np.ones(len(columns)))


def _order_steps(solver: Any, highs: Any, steps: _Steps) -> None:
    """A step that is worth more than the one before it stays shut until that one is full."""
    for step in np.flatnonzero(steps.opens).tolist():
        binary = solver.getNumCol()
        solver.addVar(0.0, 1.0)
        solver.changeColIntegrality(binary, highs.HighsVarType.kInteger)
        before, own = float(steps.watts[step - 1]), float(steps.watts[step])
        pairs = [(step, 1.0, -own, -highs.kHighsInf, 0.0), (step - 1, 1.0, -before, 0.0, highs.kHighsInf)]
        for column, ours, bound, low, high in pairs:
            solver.addRow(low, high, 2, np.array([column, binary], dtype=np.int32), np.array([ours, bound]))


def _outcome(solver: Any, steps: _Steps) -> tuple[Watts | None, float]:
    """Returns watts served per member and the proven relative gap; None without a solution."""
    info = solver.getInfo()
    if info.primal_solution_status != 2:  # the solver's name for a feasible point
        return None, 1.0
    used = np.rint(np.array(solver.getSolution().col_value[: len(steps.watts)]))
    served = np.bincount(steps.member, weights=used, minlength=int(steps.member.max()) + 1)
    return served.astype(np.int64), float(max(0.0, info.mip_gap))


def _highs() -> Any:
    try:
        import highspy  # noqa: PLC0415 - an extra, and half a second to import
    except ImportError:
        raise AlgorithmError("exact needs highspy: pip install 'climatik[exact]'") from None
    return highspy
