"""The most that one replica of a workload may draw, as far as device limits can hold it down. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from common.api.policy import (
    LEVER_FREQUENCY,
    LEVER_POWER_LIMIT,
    ContainerRecommendation,
    PowerCappingPolicy,
)
from recommender.logic.facts import PolicyFacts
from recommender.model.draws import Draws, PodDraw
from recommender.model.pods import PodView

SETTLED_SECONDS = 60.0
"""So long after its start a replica may be on devices of which no agent has told the bounds yet."""


def replica_watts(
    facts: PolicyFacts,
    draws: Draws,
    containers: Sequence[ContainerRecommendation],
    pods: Sequence[PodView],
    now: float,
) -> int:
    """Returns what a replica counts with: its devices' floors where those may be limited, else its bound.

    A replica that has just started counts as its like do until it is seen, on devices with known floors.

    Args:
        facts: The policy's pods, devices and nameplates.
        draws: What pods draw, as last seen.
        containers: What a replica of each container needs.
        pods: The replicas of one workload, at least one.
        now: Unix seconds.
    """
    if _limits_devices(facts.policy):
        floors, host = _floors(facts), _host_by_gpu(facts, draws)
        old = [pod for pod in pods if now - pod.started >= SETTLED_SECONDS]
        held = [_held_watts(draw, floors, host) for draw in _on_gpus(pods, draws)]
        known = [one for one in held if one is not None]
        if known and None not in [_held_watts(draw, floors, host) for draw in _on_gpus(old, draws)]:
            return max(known)
    learned = sum(one.upper_bound for one in containers if one.workload == pods[0].workload)
    return learned or max(facts.ceilings[pod.key] for pod in pods)


def _floors(facts: PolicyFacts) -> dict[str, int]:
    least = facts.floors.watts
    return {one.uuid: max(one.floor_watts, least.get(one.uuid, 0)) for one in facts.boards}


def _held_watts(draw: PodDraw, floors: Mapping[str, int], host_by_gpu: float) -> int | None:
    """Returns what a pod draws with its GPUs at their floors; None with one that cannot be limited."""
    if not all(floors.get(uuid) for uuid in draw.gpus):
        return None
    return sum(floors[uuid] for uuid in draw.gpus) + math.ceil(len(draw.gpus) * host_by_gpu)


def _host_by_gpu(facts: PolicyFacts, draws: Draws) -> float:
    """Returns the processors' watts for each GPU, as a mean over all the policy's pods.

    A pod that is alone on its machine bears all that the machine draws idle. Were it counted with that, each
    replica that goes would make those that stay dearer, until hardly one is left; and the sum is the same.
    """
    known = list(_on_gpus(facts.pods, draws))
    gpus = sum(len(draw.gpus) for draw in known)
    return sum(draw.host_watts for draw in known) / gpus if gpus else 0.0


def _on_gpus(pods: Sequence[PodView], draws: Draws) -> Iterator[PodDraw]:
    """Yields what pods with GPUs draw; not of those that were never seen."""
    found = (draws.pods.get(pod.key) for pod in pods)
    return (draw for draw in found if draw is not None and draw.gpus)


def _limits_devices(policy: PowerCappingPolicy) -> bool:
    """Whether devices may be limited before replicas go; a policy that names no lever leaves all open."""
    levers = policy.spec.update_policy.levers
    return not levers or LEVER_POWER_LIMIT in levers or LEVER_FREQUENCY in levers
