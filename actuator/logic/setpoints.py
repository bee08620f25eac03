"""Device settings asked for by policies and by people, folded into one set per node: the lowest wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
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

MOST_GPUS = 64
MOST_CPUS = 1024
MOST_PACKAGES = 64
MOST_PODS = 256
"""What the schema of NodeFrequencies lets each list hold."""
MOST_WATTS = 100_000
MOST_MEGAHERTZ = 100_000
"""The highest ceilings that it takes."""
_LEVERS = (LEVER_POWER_LIMIT, LEVER_FREQUENCY)


@dataclass
class SetPoints:
    """Ceilings for the devices of a node: MHz and watts, by device.

    They travel in one write with the node's budget, which must not be refused for their sake: so devices
    beyond what the object may hold are left out. No node has that many; requests can name any.
    """

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
            _lower(self.gpu_frequencies, gpu.gpu_id, gpu.target_frequency, MOST_GPUS)
        for cpu in spec.cpu_frequencies:
            _lower(self.cpu_frequencies, cpu.cpu_id, cpu.target_frequency, MOST_CPUS)
        for limit in spec.gpu_power_limits:
            _lower(self.gpu_power_limits, limit.gpu_id, limit.watts, MOST_GPUS)
        for package in spec.cpu_power_limits:
            _lower(self.cpu_power_limits, package.package_id, package.watts, MOST_PACKAGES)
        for own in spec.pod_power_limits:
            key = (own.gpu_id, own.pod_namespace, own.pod_name)
            before = self.pod_power_limits.get(key)
            if before is None and len(self.pod_power_limits) >= MOST_PODS:
                continue
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
        advice = policy.status.recommendation.nodes if policy.status.recommendation else []
        if is_paused(policy) or policy.metadata.namespace in paused_namespaces:
            kept.update(one.node_name for one in advice)
        levers = [lever for lever in _LEVERS if policy_refusal(policy, lever) is None]
        for one in advice if levers else ():
            _take_in(points.setdefault(one.node_name, SetPoints()), one, levers)
    for item in objects:
        if is_request(item) and not item.metadata.deletion_timestamp:
            points.setdefault(item.spec.node_name, SetPoints()).lower(item.spec)
        elif item.name in kept:
            points[item.name] = set_points_of(item)
    return {node: found for node, found in points.items() if found}


def _take_in(points: SetPoints, advice: NodeAdvice, levers: Sequence[str]) -> None:
    """Takes in what may be acted on; status may hold figures that no device can be set to."""
    for gpu in advice.gpus:
        watts, clock = gpu.watts, gpu.target_frequency
        if LEVER_POWER_LIMIT in levers and watts is not None and 0 <= watts <= MOST_WATTS:
            _lower(points.gpu_power_limits, gpu.gpu_id, watts, MOST_GPUS)
        if LEVER_FREQUENCY in levers and clock is not None and 1 <= clock <= MOST_MEGAHERTZ:
            _lower(points.gpu_frequencies, gpu.gpu_id, clock, MOST_GPUS)


def _lower(ceilings: dict[str, int] | dict[int, int], device: str | int, value: int, most: int) -> None:
    table: dict[str | int, int] = ceilings  # type: ignore[assignment]
    if device in table or len(table) < most:
        table[device] = min(value, table.get(device, value))
