"""What a policy's status advises now, from the last cycle: plans change as little as they must."""

from __future__ import annotations

from collections.abc import Iterator

from common.api.policy import GpuAdvice, PowerCappingPolicy, ReplicaAdvice


def former_limits(policy: PowerCappingPolicy) -> dict[str, int]:
    """Returns watts by GPU's UUID."""
    return {gpu.gpu_id: gpu.watts for gpu in _gpus(policy) if gpu.watts is not None}


def former_clocks(policy: PowerCappingPolicy) -> dict[str, int]:
    """Returns clock ceilings in MHz by GPU's UUID."""
    return {gpu.gpu_id: gpu.target_frequency for gpu in _gpus(policy) if gpu.target_frequency}


def former_ceilings(policy: PowerCappingPolicy) -> dict[str, ReplicaAdvice]:
    """Returns replica ceilings by workload, as ``Kind/name``."""
    recommendation = policy.status.recommendation
    return {one.workload: one for one in recommendation.replicas} if recommendation else {}


def _gpus(policy: PowerCappingPolicy) -> Iterator[GpuAdvice]:
    recommendation = policy.status.recommendation
    for node in recommendation.nodes if recommendation else ():
        yield from node.gpus
