"""A policy's GPUs as algorithms see them: one group for the policy, and one below it per rack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from common.algorithms.protocol import GUARANTEED, NO_PARENT, CapTree, DemandLevel, Snapshot, Watts
from common.api.policy import PowerCappingPolicy
from recommender.logic.former import former_clocks, former_limits
from recommender.logic.slowdowns import NO_FLOORS, SlowdownFloors, value_curves
from recommender.model.board import Board


@dataclass(frozen=True)
class RackCap:
    """A rack's own bound on the policy's GPUs."""

    rack: str
    cap_watts: int
    nodes: frozenset[str]


def board_snapshot(
    policy: PowerCappingPolicy, boards: Sequence[Board], budget_watts: int, racks: Sequence[RackCap], *,
    throttle: bool, floors: SlowdownFloors = NO_FLOORS,
) -> Snapshot:  # fmt: skip
    """Lays out a policy's boards for an algorithm: one group for the policy, and one below it per rack.

    Floors of slowdown that fit under the caps become floors of the boards; where they do not, they are asked
    for before all else, since a cap counts more than a promise of speed.
    """
    group = [_rack_index(board, racks) for board in boards]
    device = [board.floor_watts for board in boards]
    kept = [
        min(max(floors.watts.get(board.uuid, 0), board.floor_watts), board.ceiling_watts) for board in boards
    ]
    fits = _fit(kept, group, [budget_watts, *(rack.cap_watts for rack in racks)])
    least = kept if fits else device
    first = [] if fits else [DemandLevel(GUARANTEED, _column(map(int.__sub__, kept, device)))]
    asks = [max(0, board.ask_watts - floor) for board, floor in zip(boards, kept, strict=True)]
    uuids = [board.uuid for board in boards]
    worth = value_curves(uuids, floors, kept, asks) if floors.curves else None
    before, clocks = former_limits(policy), former_clocks(policy)
    return Snapshot(
        caps=CapTree(
            names=(policy.key, *(rack.rack for rack in racks)),
            parent=_column([NO_PARENT] + [0] * len(racks)),
            cap_watts=_column([budget_watts, *(rack.cap_watts for rack in racks)]),
        ),
        members=tuple(board.uuid for board in boards),
        group=_column(group),
        floor_watts=_column(least),
        ceiling_watts=_column(board.ceiling_watts for board in boards),
        draw_watts=_column(round(board.draw_watts) for board in boards),
        demand=(*first, DemandLevel(policy.spec.priority, _column(asks), worth)),
        current_watts=_column(before.get(board.uuid, 0) for board in boards),
        max_frequency=_column(board.max_frequency for board in boards),
        throttle=throttle,
        priority=np.full(len(boards), policy.spec.priority, dtype=np.int64),
        current_frequency=_column(clocks.get(board.uuid, 0) for board in boards),
    )


def _fit(watts: Sequence[int], group: Sequence[int], caps: Sequence[int]) -> bool:
    """Whether watts fit under the cap of all, which comes first, and under each rack's."""
    racks = (
        sum(each for each, of in zip(watts, group, strict=True) if of == rack) for rack in range(1, len(caps))
    )
    return all(total <= cap for total, cap in zip([sum(watts), *racks], caps, strict=True))


def _rack_index(board: Board, racks: Sequence[RackCap]) -> int:
    return next((number for number, rack in enumerate(racks, 1) if board.node in rack.nodes), 0)


def _column(values: Iterable[int]) -> Watts:
    return np.fromiter(values, dtype=np.int64)
