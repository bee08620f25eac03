"""Device settings that keep a policy's pods under its cap, by the algorithms that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.algorithms.errors import AlgorithmError
from common.algorithms.performance_power_ratio import PerformancePowerRatio
from common.algorithms.protocol import (
    Indices,
    Plan,
    Snapshot,
    Watts,
)
from common.algorithms.registry import DEFAULT, find_algorithm, read_parameters
from common.api.policy import CustomAlgorithm, PolicySpec
from recommender.logic.postprocess import post_process

RATIO = PerformancePowerRatio.description.name


@dataclass(frozen=True)
class Settings:
    """What is advised for each board, and what went wrong with the algorithms asked for.

    Attributes:
        watts: Limit by UUID; empty where no limit is needed.
        frequency: Clock ceiling in MHz by UUID.
        algorithms: Names of those used.
        problems: Why an algorithm was not used.
        notes: What the algorithms say of their plans.
    """

    watts: Mapping[str, int]
    frequency: Mapping[str, int]
    algorithms: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
    )


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
