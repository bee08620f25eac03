"""Device settings that keep a policy's pods under its cap, by the algorithms that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from common.algorithms.errors import AlgorithmError
from common.algorithms.performance_power_ratio import PerformancePowerRatio
from common.algorithms.protocol import (
    GUARANTEED,
    NO_PARENT,
    UNCAPPED,
    CapTree,
    DemandLevel,
    Indices,
    Plan,
    Snapshot,
    Watts,
)
from common.algorithms.registry import DEFAULT, find_algorithm, read_parameters
from common.api.policy import CustomAlgorithm, GpuAdvice, NodeAdvice, PolicySpec, PowerCappingPolicy
from recommender.logic.postprocess import post_process
from recommender.logic.slowdowns import NO_FLOORS, SlowdownFloors, value_curves
from recommender.logic.text import span, watts
from recommender.model.board import Board

RATIO = PerformancePowerRatio.description.name


@dataclass(frozen=True)
class RackCap:
    """A rack's own bound on the policy's GPUs."""

    rack: str
    cap_watts: int
    nodes: frozenset[str]


@dataclass(frozen=True)
class Settings:
    """What is advised for each board, and what went wrong with the algorithms asked for.

    Attributes:
        watts: Limit by UUID; empty where no limit is needed.
        frequency: Clock ceiling in MHz by UUID.
        algorithms: Names of those used.
        problems: Why an algorithm was not used.
        floors_fit: Whether the boards' floors fit under the cap.
        notes: What the algorithms say of their plans.
    """

    watts: Mapping[str, int]
    frequency: Mapping[str, int]
    algorithms: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    floors_fit: bool = True
    notes: tuple[str, ...] = ()


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
    before, clocks = advised_before(policy), clocks_before(policy)
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


def advise(snapshot: Snapshot, chosen: Sequence[CustomAlgorithm]) -> Settings:
    """Runs the algorithms that a policy names, the default without any; the first to use a lever has it.

    An algorithm that cannot be used is a problem of its own: the others go on, and without any the default.
    """
    plans: list[tuple[str, Plan]] = []
    problems: list[str] = []
    for index, one in enumerate(chosen):
        try:
            plans.append((one.name, _run(one, snapshot)))
        except AlgorithmError as error:
            problems.append(f"spec.customAlgorithms[{index}]: {error}")
    plans = plans or [(DEFAULT, _run(CustomAlgorithm(name=DEFAULT), snapshot))]
    limits = next((plan.watts for _, plan in plans if plan.watts is not None), None)
    clocks = next((plan.frequency for _, plan in plans if plan.frequency is not None), None)
    return Settings(
        watts=_limits(snapshot, limits),
        frequency={} if clocks is None else _named(snapshot, clocks),
        algorithms=tuple(name for name, _ in plans),
        problems=tuple(problems),
        notes=tuple(note for _, plan in plans for note in plan.notes),
        floors_fit=int(snapshot.floor_watts.sum()) <= int(snapshot.caps.cap_watts[0]),
    )


def node_advice(boards: Sequence[Board], settings: Settings) -> list[NodeAdvice]:
    """Groups the settings by node, with the reason in plain words."""
    advice = []
    for node, group in groupby(boards, key=lambda board: board.node):
        held = list(group)
        gpus = [
            GpuAdvice(
                gpu_id=board.uuid,
                watts=settings.watts.get(board.uuid),
                target_frequency=settings.frequency.get(board.uuid),
            )
            for board in held
            if board.uuid in settings.watts or board.uuid in settings.frequency
        ]
        if gpus:
            advice.append(NodeAdvice(node_name=node, gpus=gpus, reason=_reason(held, settings)))
    return advice


def advised_before(policy: PowerCappingPolicy) -> dict[str, int]:
    """Returns the limits that the policy's status advises now, by UUID."""
    recommendation = policy.status.recommendation
    nodes = recommendation.nodes if recommendation else []
    return {gpu.gpu_id: gpu.watts for node in nodes for gpu in node.gpus if gpu.watts is not None}


def clocks_before(policy: PowerCappingPolicy) -> dict[str, int]:
    """Returns the clock ceilings in MHz that the policy's status advises now, by UUID."""
    recommendation = policy.status.recommendation
    nodes = recommendation.nodes if recommendation else []
    return {gpu.gpu_id: gpu.target_frequency for node in nodes for gpu in node.gpus if gpu.target_frequency}


def chosen_algorithms(spec: PolicySpec) -> list[CustomAlgorithm]:
    """Returns the algorithms that a policy asks for, ``performancePowerRatio`` among them.

    The field's values are the parameters of the algorithm of that name, unless the policy writes its own.
    """
    ratio, chosen = spec.performance_power_ratio, list(spec.custom_algorithms)
    if ratio is None:
        return chosen
    given: dict[str, str | int] = {
        "target-ratio": str(ratio.target_ratio), "tolerance-percentage": ratio.tolerance_percentage,
    }  # fmt: skip
    if not chosen:
        return [CustomAlgorithm(name=RATIO, parameters=given)]
    return [
        CustomAlgorithm(name=RATIO, parameters=given | one.parameters) if one.name == RATIO else one
        for one in chosen
    ]


def unusable(chosen: Sequence[CustomAlgorithm]) -> tuple[str, ...]:
    """Returns what is wrong with names and parameters, without asking for a plan."""
    problems = []
    for index, one in enumerate(chosen):
        try:
            read_parameters(find_algorithm(one.name).description, one.parameters)
        except AlgorithmError as error:
            problems.append(f"spec.customAlgorithms[{index}]: {error}")
    return tuple(problems)


def _run(chosen: CustomAlgorithm, snapshot: Snapshot) -> Plan:
    algorithm = find_algorithm(chosen.name)
    return algorithm.plan(snapshot, read_parameters(algorithm.description, chosen.parameters))


def _limits(snapshot: Snapshot, planned: Watts | None) -> dict[str, int]:
    """Returns the limits by UUID; none where everything fits at full power and nobody asks for less."""
    if planned is None or not (_binding(snapshot) or (planned < snapshot.ceiling_watts).any()):
        return {}
    return _named(snapshot, post_process(snapshot, planned))


def _binding(snapshot: Snapshot) -> bool:
    """Whether any cap could be broken with every board at full power."""
    full = [int(snapshot.ceiling_watts.sum())]
    racks = range(1, len(snapshot.caps.names))
    full += [int(snapshot.ceiling_watts[snapshot.group == rack].sum()) for rack in racks]
    return any(watts > cap for watts, cap in zip(full, snapshot.caps.cap_watts.tolist(), strict=True))


def _named(snapshot: Snapshot, values: Watts | Indices) -> dict[str, int]:
    return {name: value for name, value in zip(snapshot.members, values.tolist(), strict=True) if value > 0}


def _fit(watts: Sequence[int], group: Sequence[int], caps: Sequence[int]) -> bool:
    """Whether watts fit under the cap of all, which comes first, and under each rack's."""
    racks = (
        sum(each for each, of in zip(watts, group, strict=True) if of == rack) for rack in range(1, len(caps))
    )
    return all(total <= cap for total, cap in zip([sum(watts), *racks], caps, strict=True))


def _rack_index(board: Board, racks: Sequence[RackCap]) -> int:
    return next((number for number, rack in enumerate(racks, 1) if board.node in rack.nodes), 0)


def _reason(boards: Sequence[Board], settings: Settings) -> str:
    drawn = f"its GPUs draw {watts(sum(board.draw_watts for board in boards))}"
    limits = [settings.watts[board.uuid] for board in boards if board.uuid in settings.watts]
    clocks = [settings.frequency[board.uuid] for board in boards if board.uuid in settings.frequency]
    parts = [drawn]
    if limits:
        parts.append(f"at {span(min(limits), max(limits))} each they draw at most {watts(sum(limits))}")
    if clocks:
        parts.append(f"clocks at most {max(clocks):,} MHz")
    return "; ".join(parts)


def _column(values: Iterable[int]) -> Watts:
    return np.fromiter(values, dtype=np.int64)


__all__ = [
    "UNCAPPED", "RackCap", "Settings", "advise", "advised_before", "board_snapshot", "node_advice",
]  # fmt: skip
