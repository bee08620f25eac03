"""What kinds of workloads there are, and what their replicas draw at their loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from common.api.meta import object_key
from common.models.power.model import ExpectedWatts, PowerModels, ReplicaLoads
from common.telemetry.load import LoadTable
from recommender.model.draws import Draws
from recommender.model.nodes import NodeView
from recommender.model.pods import PodView

PRODUCT_LABEL = "nvidia.com/gpu.product"
_OLDEST_SECONDS = 60.0


@dataclass(frozen=True)
class Replicas:
    """Measured replicas of one kind, by pod; arrays of equal length."""

    pods: tuple[str, ...]
    loads: ReplicaLoads
    watts: np.ndarray[tuple[int], np.dtype[np.float64]]
    held: np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Running:
    """The GPU pods of a moment, by key.

    Attributes:
        kinds: As exported in status.
        held: Whether devices are at their limits: such a draw shows the limit.
        ceilings: Watts at full power.
    """

    kinds: Mapping[str, str]
    held: Mapping[str, bool]
    ceilings: Mapping[str, int]


@dataclass(frozen=True)
class PowerLesson:
    """What came of one reading.

    Attributes:
        uncapped: Watts that held pods would draw at their load, by key, where a model can tell.
        errors: |predicted - measured| / measured of replicas that nothing holds, by kind.
    """

    uncapped: Mapping[str, float]
    errors: Mapping[str, Sequence[float]]


def kinds_of(pods: Sequence[PodView], nodes: Mapping[str, NodeView]) -> dict[str, str]:
    """Returns the kind of each pod that holds GPUs, by key, as it is exported in status."""
    texts: dict[tuple[object, str], str] = {}
    found = {}
    for pod in pods:
        if pod.kind is None:
            continue
        node = nodes.get(pod.node)
        product = node.labels.get(PRODUCT_LABEL, "") if node else ""
        text = texts.get((pod.kind, product))
        if text is None:
            text = texts[pod.kind, product] = str(pod.kind._replace(product=product))
        found[pod.key] = text
    return found


def learn_power(
    models: PowerModels, at: float, running: Running, load: LoadTable, draws: Draws
) -> PowerLesson:
    """Learns what replicas draw at their loads; says what those held by a limit would draw.

    Args:
        models: Is changed.
        at: Unix seconds of the draws.
        running: Kinds, limits and ceilings of the pods.
        load: Of inference servers.
        draws: What pods draw.
    """
    uncapped: dict[str, float] = {}
    errors: dict[str, Sequence[float]] = {}
    for kind, replicas in measured_replicas(running, load, draws).items():
        full = np.array([float(running.ceilings.get(pod, 0)) for pod in replicas.pods])
        expected = models.expected(kind, replicas.loads, full)
        if expected.confident:
            uncapped |= _of_held(replicas, expected)
            errors[kind] = _errors(replicas, expected)
        watts = np.where(replicas.held, np.nan, replicas.watts)
        models.observe(kind, at, replicas.loads, watts, full)
    return PowerLesson(uncapped, errors)


def measured_replicas(running: Running, load: LoadTable, draws: Draws) -> dict[str, Replicas]:
    """Returns the replicas whose load and draw are both known, by kind."""
    rows: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row, server in enumerate(load.servers):
        pod = object_key(server.pod, server.namespace)
        if pod in running.kinds and pod in draws.pods and load.age_seconds[row] < _OLDEST_SECONDS:
            rows[running.kinds[pod]].append((pod, row))
    return {kind: _replicas(found, load, draws, running.held) for kind, found in rows.items()}


def _replicas(
    found: Sequence[tuple[str, int]], load: LoadTable, draws: Draws, held: Mapping[str, bool]
) -> Replicas:
    index = [row for _, row in found]
    pods = tuple(pod for pod, _ in found)
    loads = ReplicaLoads(load.running[index], load.generated_per_second[index], load.prompt_per_second[index])
    watts = np.array([draws.pods[pod].watts for pod in pods])
    return Replicas(pods, loads, watts, np.array([held.get(pod, False) for pod in pods]))


def _of_held(replicas: Replicas, expected: ExpectedWatts) -> dict[str, float]:
    return {
        pod: watts
        for pod, watts, held in zip(replicas.pods, expected.watts.tolist(), replicas.held, strict=True)
        if held
    }


def _errors(replicas: Replicas, expected: ExpectedWatts) -> list[float]:
    free = ~replicas.held
    errors = np.abs(expected.watts - replicas.watts)[free] / np.maximum(replicas.watts[free], 1.0)
    return [float(error) for error in errors]
