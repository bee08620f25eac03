"""Device settings asked for by policies and by people, folded into one set per node: the lowest wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from actuator.gate.mode import is_paused, policy_refusal
from common.api.frequencies import (
    CpuFrequency,
    CpuPowerLimit,
    FrequenciesSpec,
    GpuFrequency,
    GpuPowerLimit,
    NodeFrequencies,
    PodPowerLimit,
)
from common.api.policy import LEVER_FREQUENCY, LEVER_POWER_LIMIT, NodeAdvice, PowerCappingPolicy


@dataclass
class SetPoints:
    """Ceilings for the devices of a node: MHz and watts, by device."""

    gpu_frequencies: dict[str, int] = field(default_factory=dict)
    cpu_frequencies: dict[int, int] = field(default_factory=dict)
    gpu_power_limits: dict[str, int] = field(default_factory=dict)
    cpu_power_limits: dict[int, int] = field(default_factory=dict)
    pod_power_limits: dict[tuple[str, str, str], PodPowerLimit] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.gpu_frequencies
            or self.cpu_frequencies
            or self.gpu_power_limits
            or self.cpu_power_limits
            or self.pod_power_limits
        )

    def lower(self, spec: FrequenciesSpec) -> None:
        """Takes in every ceiling of a spec that is lower than what there is."""
        for gpu in spec.gpu_frequencies:
            _lower(self.gpu_frequencies, gpu.gpu_id, gpu.target_frequency)
        for cpu in spec.cpu_frequencies:
            _lower(self.cpu_frequencies, cpu.cpu_id, cpu.target_frequency)
        for limit in spec.gpu_power_limits:
            _lower(self.gpu_power_limits, limit.gpu_id, limit.watts)
        for package in spec.cpu_power_limits:
            _lower(self.cpu_power_limits, package.package_id, package.watts)
        for own in spec.pod_power_limits:
            key = (own.gpu_id, own.pod_namespace, own.pod_name)
            before = self.pod_power_limits.get(key)
            self.pod_power_limits[key] = own if before is None or own.watts < before.watts else before

    def spec(self, node: str) -> FrequenciesSpec:
        """Returns them as a spec, sorted by device so that equal set points read equal."""
        return FrequenciesSpec(
            node_name=node,
            gpu_frequencies=[
                GpuFrequency(gpu_id=gpu, target_frequency=clock)
                for gpu, clock in sorted(self.gpu_frequencies.items())
            ],
            cpu_frequencies=[
                CpuFrequency(cpu_id=cpu, target_frequency=clock)
                for cpu, clock in sorted(self.cpu_frequencies.items())
            ],
            gpu_power_limits=[
                GpuPowerLimit(gpu_id=gpu, watts=watts) for gpu, watts in sorted(self.gpu_power_limits.items())
            ],
            cpu_power_limits=[
                CpuPowerLimit(package_id=package, watts=watts)
                for package, watts in sorted(self.cpu_power_limits.items())
            ],
            pod_power_limits=[own for _, own in sorted(self.pod_power_limits.items())],
        )


def set_points_of(item: NodeFrequencies) -> SetPoints:
    """Returns the set points that an object holds now."""
    points = SetPoints()
    points.lower(item.spec)
    return points


def is_request(item: NodeFrequencies) -> bool:
    """Whether an object is a person's request: it bears another name than its node's."""
    return bool(item.spec.node_name) and item.spec.node_name != item.name


def fold_set_points(
    policies: Iterable[PowerCappingPolicy],
    objects: Iterable[NodeFrequencies],
    paused_namespaces: Set[str] = frozenset(),
) -> dict[str, SetPoints]:
    """Returns the set points of every node that anybody asks some for.

    A node that the advice of a paused policy names keeps what its object holds: nothing is taken back there.

    Args:
        policies: All policies; their mode and levers decide what of their advice counts.
        objects: All NodeFrequencies: requests to fold in, and the nodes' own ones.
        paused_namespaces: Namespaces all of whose policies are paused.
    """
    points: dict[str, SetPoints] = {}
    kept: set[str] = set()
    for policy in policies:
        for advice in policy.status.recommendation.nodes if policy.status.recommendation else ():
            if is_paused(policy) or policy.metadata.namespace in paused_namespaces:
                kept.add(advice.node_name)
            for spec in _admitted(policy, advice):
                points.setdefault(advice.node_name, SetPoints()).lower(spec)
    for item in objects:
        if is_request(item) and not item.metadata.deletion_timestamp:
            points.setdefault(item.spec.node_name, SetPoints()).lower(item.spec)
        elif item.name in kept:
            points[item.name] = set_points_of(item)
    return {node: found for node, found in points.items() if found}


def _admitted(policy: PowerCappingPolicy, advice: NodeAdvice) -> Iterator[FrequenciesSpec]:
    if policy_refusal(policy, LEVER_POWER_LIMIT) is None:
        limits = [GpuPowerLimit(gpu_id=g.gpu_id, watts=g.watts) for g in advice.gpus if g.watts is not None]
        yield FrequenciesSpec(gpu_power_limits=limits)
    if policy_refusal(policy, LEVER_FREQUENCY) is None:
        yield FrequenciesSpec(
            gpu_frequencies=[
                GpuFrequency(gpu_id=g.gpu_id, target_frequency=g.target_frequency)
                for g in advice.gpus
                if g.target_frequency is not None
            ]
        )


def _lower(ceilings: dict[str, int] | dict[int, int], device: str | int, value: int) -> None:
    table: dict[str | int, int] = ceilings  # type: ignore[assignment]
    table[device] = min(value, table.get(device, value))
