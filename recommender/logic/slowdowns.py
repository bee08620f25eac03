"""What ``maxSlowdownPercent`` asks for: the least watts and clock of each GPU, and what watts are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from common.algorithms.protocol import ValueCurves
from common.api.policy import PolicySpec, SlowdownAdvice
from common.models.slowdown.inverse import watts_at_slowdown
from common.models.slowdown.model import SlowdownEstimate
from common.models.slowdown.phases import DECODE, PREFILL, clock_at_slowdown, decode_watts
from recommender.logic.text import span, watts
from recommender.model.board import Board
from recommender.model.slowdowns import Curve, SlowdownLibrary

LIKE_WORKLOADS = "LikeWorkloads"
PROBES = "Probes"

_GRID = 8
_TRAINING = "Training"


@dataclass(frozen=True)
class WorkloadBoards:
    """The GPUs of one workload.

    Attributes:
        workload: As ``Kind/name``.
        boards: Its GPUs.
        draw_watts: What one of them draws where nothing holds it.
        phase: ``Prefill`` or ``Decode`` of an inference server whose load is known; empty otherwise.
    """

    workload: str
    boards: Sequence[Board]
    draw_watts: float
    phase: str = ""


@dataclass(frozen=True)
class SlowdownFloors:
    """What keeps every workload within its slowdown.

    Attributes:
        watts: Least limit by UUID.
        advice: What status says, one per workload.
        curves: Slowdown by UUID.
    """

    watts: Mapping[str, int]
    advice: tuple[SlowdownAdvice, ...] = ()
    curves: Mapping[str, SlowdownEstimate] | None = None


NO_FLOORS = SlowdownFloors({})


def slowdown_floors(
    spec: PolicySpec, workloads: Sequence[WorkloadBoards], known: SlowdownLibrary
) -> SlowdownFloors:
    """Returns the floors that a policy's ``maxSlowdownPercent`` puts under its GPUs; none without one."""
    percent = spec.max_slowdown_percent
    if percent is None:
        return NO_FLOORS
    least: dict[str, int] = {}
    curves: dict[str, SlowdownEstimate] = {}
    advice = []
    for one in workloads:
        ceiling = max(board.ceiling_watts for board in one.boards)
        floor = min(board.floor_watts for board in one.boards)
        if not 0 <= floor < ceiling:
            continue
        curve = known.estimate(one.workload, floor, ceiling, min(one.draw_watts, ceiling))
        said = _advise(one, curve, percent, spec.workload_type)
        advice.append(said)
        curves |= {board.uuid: curve.estimate for board in one.boards}
        least |= {board.uuid: min(said.watts_per_gpu, board.ceiling_watts) for board in one.boards}
    return SlowdownFloors(least, tuple(advice), curves)


def value_curves(uuids: Sequence[str], floors: SlowdownFloors, floor_watts: Sequence[int],
                 asked_watts: Sequence[int]) -> ValueCurves:  # fmt: skip
    """Returns what the watts above their floors are worth to GPUs: speed gained per watt.

    Args:
        uuids: Of the GPUs.
        floors: With the slowdown curves; a GPU without one values all its watts alike.
        floor_watts: From which on.
        asked_watts: How many are asked for above that.
    """
    steps = np.array([_whole_steps(asked, _GRID) for asked in asked_watts], dtype=np.int64).reshape(-1, _GRID)
    worth = np.ones(steps.shape)
    for row, (uuid, floor) in enumerate(zip(uuids, floor_watts, strict=True)):
        if floors.curves and uuid in floors.curves:
            worth[row] = _speed_per_watt(floors.curves[uuid], floor, steps[row])
    return ValueCurves(steps, np.minimum.accumulate(worth, axis=1))


def _advise(one: WorkloadBoards, curve: Curve, percent: int, workload_type: str) -> SlowdownAdvice:
    allowed = percent / 100.0
    clocks = max(board.max_frequency for board in one.boards)
    if workload_type != _TRAINING and one.phase == DECODE and not curve.probed:
        return _advise_decode(one, percent, clocks)
    found = watts_at_slowdown(curve.estimate, allowed)
    clock = clock_at_slowdown(PREFILL, allowed)
    basis = PROBES if curve.probed else LIKE_WORKLOADS
    interval = (int(found.lower), int(np.ceil(found.upper)))
    return SlowdownAdvice(
        workload=one.workload,
        watts_per_gpu=int(np.ceil(found.watts)),
        lower_bound=interval[0],
        upper_bound=interval[1],
        frequency=int(np.ceil(clocks * clock.share)) if one.phase == PREFILL and clocks else None,
        basis=basis,
        reason=(
            f"at most {percent} % slower from {watts(np.ceil(found.watts))} per GPU on"
            f" (90 % sure: {span(*interval)}), by {_because(basis)}; uncapped it draws"
            f" {watts(one.draw_watts)}"
        ),
    )


def _advise_decode(one: WorkloadBoards, percent: int, clocks: int) -> SlowdownAdvice:
    clock = clock_at_slowdown(DECODE, percent / 100.0)
    expected, low, high = (
        int(np.ceil(decode_watts(one.draw_watts, share))) for share in (clock.share, clock.lower, clock.upper)
    )
    return SlowdownAdvice(
        workload=one.workload,
        watts_per_gpu=expected,
        lower_bound=low,
        upper_bound=high,
        frequency=int(np.ceil(clocks * clock.share)) if clocks else None,
        basis=DECODE,
        reason=(
            f"it only decodes, which waits for memory: at most {percent} % slower from"
            f" {round(100 * clock.share)} % of the top clock on, where it draws {watts(expected)} per GPU"
            f" (90 % sure: {span(low, high)})"
        ),
    )


def _because(basis: str) -> str:
    return "its own times under limits" if basis == PROBES else "what like workloads do, without a probe"


def _whole_steps(total: int, steps: int) -> list[int]:
    """Cuts whole watts into nearly equal whole steps."""
    edges = [total * step // steps for step in range(steps + 1)]
    return [after - before for before, after in pairwise(edges)]


def _speed_per_watt(
    estimate: SlowdownEstimate, floor: int, steps: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    edges = floor + np.concatenate([[0], np.cumsum(steps)]).astype(np.float64)
    speed = 1.0 / (1.0 + estimate.curve.slowdown(np.minimum(edges, estimate.curve.max_watts)))
    gained = np.diff(speed) / np.maximum(steps, 1)
    return np.maximum(gained, 0.0)
