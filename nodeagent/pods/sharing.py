"""What pods mean for the boards that they hold: weight in the split, and other agents' claims. Pure.

Several pods can hold one board (time-slicing, MPS, MIG), but a board has one limit and one draw. The policy
for that is ``largest-priority``: the board counts with the largest priority among its pods; its limit holds
all of them; and where one of them belongs to another power agent, the whole board is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nodeagent.devices.device import KIND_GPU, DeviceInfo
from nodeagent.pods.tenancy import Tenancy

POLICY = "largest-priority"

WEIGHT_PER_STEP = 2.0
"""A board whose pods stand one step of priority higher gets contested watts at twice the pace."""
HIGHEST_STEP = 3
"""At most eight to one: the guard's floors keep every device going, but a starved one helps nobody."""

OTHER_AGENT_ANNOTATIONS = ("dynamo.nvidia.com/gpu-power-limit",)
"""Annotations by which another power agent says that it sets the limits of a pod's GPUs."""


def board_weights(infos: Iterable[DeviceInfo], tenancy: Tenancy) -> dict[str, float]:
    """Returns each device's part of contested watts, relative to the others.

    Priorities are numbers without a unit, so only their order counts: the lowest one on the node weighs 1,
    each higher one twice the one before it. A board that nobody holds weighs as the lowest, and a CPU package
    as the highest, because the work of every pod runs through it. All weigh 1 where it is not known who is
    where.

    Args:
        infos: All devices.
        tenancy: Who is where.
    """
    devices = list(infos)
    if not tenancy.known:
        return {info.id: 1.0 for info in devices}
    levels = {info.id: _priority(info.id, tenancy) for info in devices if info.kind == KIND_GPU}
    order = sorted({level for level in levels.values() if level is not None})
    steps = {level: min(step, HIGHEST_STEP) for step, level in enumerate(order)}
    top = max(steps.values(), default=0)
    return {info.id: _weight(_step(info, levels, steps, top)) for info in devices}


def other_agents(tenancy: Tenancy) -> dict[str, str]:
    """Returns by board who else sets its limit: the pod and the annotation that says so."""
    found: dict[str, str] = {}
    for board in tenancy.holders:
        for key in tenancy.pods_on(board):
            facts = tenancy.facts.get(key)
            if facts is not None and facts.other_agent:
                found.setdefault(board, f"{facts.other_agent} of pod {key}")
    return found


def _priority(board: str, tenancy: Tenancy) -> int | None:
    """Returns the largest priority on a board; a pod that the API server has not shown yet counts as 0."""
    facts = (tenancy.facts.get(key) for key in tenancy.pods_on(board))
    return max((0 if found is None else found.priority for found in facts), default=None)


def _step(info: DeviceInfo, levels: Mapping[str, int | None], steps: Mapping[int, int], highest: int) -> int:
    if info.kind != KIND_GPU:
        return highest
    level = levels[info.id]
    return 0 if level is None else steps[level]


def _weight(step: int) -> float:
    return WEIGHT_PER_STEP**step
