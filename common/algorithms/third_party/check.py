"""Whether a stranger's plan may be used: shape, caps, floors, ceilings, and how fast it raises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.algorithms.errors import AlgorithmError
from common.algorithms.nesting import Nesting
from common.algorithms.protocol import Plan, Snapshot, Watts

MOST_RAISE_SHARE = 0.5
"""Of the range between floor and ceiling, in one plan: a mistake must not go from rest to full power."""


def check_plan(snapshot: Snapshot, plan: Plan) -> None:
    """Refuses a plan that breaks a rule.

    Raises:
        AlgorithmError: The plan is illegal; the message says whose watts break which rule.
    """
    for name, column in (("watts", plan.watts), ("frequency", plan.frequency)):
        if column is not None and column.shape != (len(snapshot.members),):
            raise AlgorithmError(f"its plan has {column.size} {name} for {len(snapshot.members)} members")
    if plan.watts is None and plan.frequency is None:
        raise AlgorithmError("its plan says nothing, neither watts nor frequency")
    if plan.watts is not None:
        _check_watts(snapshot, plan.watts)
    if plan.frequency is not None:
        known = snapshot.max_frequency > 0
        _refuse(snapshot, (plan.frequency < 0) | (known & (plan.frequency > snapshot.max_frequency)),
                plan.frequency, "MHz are outside of what the device can do")  # fmt: skip


def _check_watts(snapshot: Snapshot, watts: Watts) -> None:
    nesting = Nesting(snapshot.caps, snapshot.group)
    _refuse(snapshot, watts < 0, watts, "W are less than nothing")
    _refuse(snapshot, watts > snapshot.ceiling_watts, watts, "W are above its ceiling")
    total, caps = nesting.sums(watts), snapshot.caps.cap_watts
    for index in np.flatnonzero(total > caps)[:1].tolist():
        name, cap = snapshot.caps.names[index], int(caps[index])
        raise AlgorithmError(f"its plan gives {name} {int(total[index]):,} W under a cap of {cap:,} W")
    if not (nesting.sums(snapshot.floor_watts) > caps).any():
        _refuse(snapshot, watts < snapshot.floor_watts, watts, "W are under its floor")
    before = snapshot.current_watts
    step = MOST_RAISE_SHARE * (snapshot.ceiling_watts - snapshot.floor_watts)
    _refuse(snapshot, (before > 0) & (watts > before + np.maximum(step, 1)), watts,
            "W are a raise by more than half of its range at once")  # fmt: skip


def _refuse(snapshot: Snapshot, wrong: NDArray[np.bool_], values: Watts, what: str) -> None:
    for index in np.flatnonzero(wrong)[:1].tolist():
        raise AlgorithmError(
            f"its plan is illegal: for {snapshot.members[index]}, {int(values[index]):,} {what}"
        )
