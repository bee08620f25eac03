"""Watts per replica of every container of a workload: target and bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from msgspec import UNSET

from common.api.policy import ContainerRecommendation
from common.models.draw_histogram import DrawHistogram
from recommender.model.draws import Draws
from recommender.model.pods import PodView
from recommender.model.usage import ContainerKey, Usage

TARGET_SHARE = 0.95
LOWER_SHARE = 0.5
UPPER_SHARE = 0.98
MARGIN = 1.05
_HOUR = 3600.0
OWN_HISTORY_SECONDS = _HOUR
"""Up to which others of the same kind tell more of a container than it does itself."""

MEASURED = "Measured"
ALIKE = "Alike"
NAMEPLATE = "Nameplate"


@dataclass(frozen=True)
class Bounds:
    """Watts per replica without regard to any cap."""

    target: int
    lower: int
    upper: int


def bounds(histogram: DrawHistogram | None, nameplate_watts: int) -> Bounds:
    """Returns what one replica needs, from what its like have drawn; from nameplate without history.

    The bounds are wide with little history, as the Vertical Pod Autoscaler's are, by hours instead of days
    since power is learned faster than memory: upper x (1 + 1/h), lower x (1 + 0.001/h)^-2. The lower one
    rests on the median: the start of a replica counts for as long as it lasts, and no longer.

    Args:
        histogram: Draw of the replicas.
        nameplate_watts: The most a replica can draw; 0 where unknown.
    """
    if histogram is None or histogram.empty:
        return Bounds(nameplate_watts, 0, nameplate_watts)
    hours = max(histogram.span_seconds, 1.0) / _HOUR
    target = histogram.quantile(TARGET_SHARE) * MARGIN
    upper = max(histogram.quantile(UPPER_SHARE) * MARGIN, target) * (1.0 + 1.0 / hours)
    lower = histogram.quantile(LOWER_SHARE) / (1.0 + 0.001 / hours) ** 2
    most = nameplate_watts or math.ceil(2 * target)
    return Bounds(min(math.ceil(target), most), min(int(lower), most), min(math.ceil(upper), most))


@dataclass(frozen=True)
class PodLimits:
    """Per pod: the most it can draw, and what the cap leaves it; both in watts."""

    ceiling_watts: int
    allowed_watts: float


def recommend_containers(
    pods: Sequence[PodView], draws: Draws, usage: Usage, limits: Mapping[str, PodLimits]
) -> list[ContainerRecommendation]:
    """Recommends for every container of the pods, by workload.

    Args:
        pods: The policy's pods.
        draws: What they draw.
        usage: What they have drawn.
        limits: By pod key.
    """
    found: list[ContainerRecommendation] = []
    ordered = sorted(pods, key=lambda pod: pod.workload)
    for workload, group in groupby(ordered, key=lambda pod: pod.workload):
        replicas = list(group)
        found += [
            _recommend(workload, container, replicas, draws, usage, limits)
            for container in replicas[0].containers
        ]
    return found


def _recommend(
    workload: str, container: str, replicas: Sequence[PodView], draws: Draws, usage: Usage,
    limits: Mapping[str, PodLimits],
) -> ContainerRecommendation:  # fmt: skip
    measured = [draws.pods[pod.key] for pod in replicas if pod.key in draws.pods]
    current = _mean([draw.containers.get(container, 0.0) for draw in measured])
    known = _known(usage, ContainerKey(replicas[0].namespace, workload, container))
    if container != replicas[0].gpu_container:
        free, allowed = bounds(known.histogram, 0), math.inf
    else:
        free = bounds(known.histogram, max(limits[pod.key].ceiling_watts for pod in replicas))
        allowed = _mean([limits[pod.key].allowed_watts for pod in replicas])
    target = int(min(free.target, allowed))
    return ContainerRecommendation(
        workload=workload,
        container=container,
        pods=len(replicas),
        current=round(current),
        target=target,
        lower_bound=min(free.lower, target),
        upper_bound=free.upper,
        uncapped_target=free.target,
        basis=known.basis,
        model_key=known.kind or UNSET,
    )


@dataclass(frozen=True)
class _Known:
    """What is known of a container's draw, and from whom."""

    histogram: DrawHistogram | None
    basis: str
    kind: str


def _known(usage: Usage, key: ContainerKey) -> _Known:
    """Returns a container's own history; that of its like while it has less than an hour of its own."""
    own, kind = usage.histogram(key), usage.kinds.get(key, "")
    seen = own.span_seconds if own else 0.0
    if kind and seen < OWN_HISTORY_SECONDS:
        alike = usage.alike(kind)
        if alike.span_seconds > seen:
            return _Known(alike, ALIKE, kind)
    if own is None or own.empty:
        return _Known(None, NAMEPLATE, kind)
    return _Known(own, MEASURED, kind)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
