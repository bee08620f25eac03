"""The whole choice as a mixed-integer program, with a deadline and the greedy choice as incumbent.

Needs ``highspy`` (``pip install 'climatik[exact]'``), imported at the first use: it costs half a second.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from recommender.planner.solver.problem import Choice, Problem

_FEASIBLE = 2
"""HiGHS' name for a feasible point."""
_RELATIVE_GAP = 1e-5


def highs_or_none() -> Any:
    """Returns the module of HiGHS, or None where the extra is not installed."""
    try:
        import highspy  # noqa: PLC0415 - an extra, and half a second to import
    except ImportError:
        return None
    return highspy


def solve_exactly(
    problem: Problem, incumbent: Choice, deadline_seconds: float
) -> tuple[Choice, float] | None:
    """Returns the best choice found and its proven gap.

    Returns:
        None where ``highspy`` is missing or nothing feasible was found in time.
    """
    highs = highs_or_none()
    if highs is None:
        return None
    rows, columns = np.nonzero(np.isfinite(problem.watts))
    solver = _program(highs, problem, rows, columns, deadline_seconds)
    start = (columns == incumbent[rows]).astype(np.float64)
    solver.setSolution(len(rows), np.arange(len(rows), dtype=np.int32), start)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != _FEASIBLE:
        return None
    taken = np.array(solver.getSolution().col_value) > 0.5
    choice = incumbent.copy()
    choice[rows[taken]] = columns[taken]
    return choice, max(0.0, float(info.mip_gap))


def _program(highs: Any, problem: Problem, rows: Choice, columns: Choice, deadline_seconds: float) -> Any:
    solver: Any = highs.Highs()
    solver.silent()
    solver.setOptionValue("time_limit", deadline_seconds)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", _RELATIVE_GAP)
    value = problem.value[rows, columns]
    scale = float(np.abs(value).max()) or 1.0
    count = len(rows)
    every = np.arange(count, dtype=np.int32)
    solver.addVars(count, np.zeros(count), np.ones(count))
    solver.changeColsCost(count, every, value / scale)
    solver.changeColsIntegrality(count, every, np.full(count, highs.HighsVarType.kInteger))
    solver.changeObjectiveSense(highs.ObjSense.kMaximize)
    for row in range(len(problem.watts)):
        own = every[rows == row]
        solver.addRow(1.0, 1.0, len(own), own, np.ones(len(own)))
    watts = problem.watts[rows, columns]
    _bound(solver, highs, every, watts, problem.cap_watts)
    for group, cap in enumerate(problem.group_cap_watts.tolist()):
        own = every[problem.group[rows] == group]
        _bound(solver, highs, own, watts[own], cap)
    return solver


def _bound(solver: Any, highs: Any, columns: Any, watts: Any, cap_watts: float) -> None:
    if np.isfinite(cap_watts) and len(columns):
        solver.addRow(-highs.kHighsInf, cap_watts, len(columns), columns, watts)
