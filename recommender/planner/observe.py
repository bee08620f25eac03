"""What Prometheus says of services, sample by sample: load, requests at once, watts."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from common.models.serving import ReplicaModel, ReplicaSamples, learn_replica
from common.telemetry.columns import Vector
from common.telemetry.prometheus import PowerQueries
from common.telemetry.reading import Reading
from common.telemetry.table import SCOPE_GPU, SCOPE_POD
from recommender.planner.service_state import ServiceKey

_LABELS = "namespace, pod, exported_namespace, exported_pod"
_TOKENS = f"sum by ({_LABELS}) (rate(vllm:generation_tokens_total[1m]))"
_RUNNING = f"sum by ({_LABELS}) (vllm:num_requests_running)"
_WAITING = f"sum by ({_LABELS}) (vllm:num_requests_waiting)"
_MOST_SAMPLES = 240

PodValues = Mapping[ServiceKey, float]


@dataclass(frozen=True)
class Sample:
    """Of one service at one time: replicas that serve, and sums over them."""

    replicas: int
    tokens_per_second: float
    running: float
    waiting: float
    watts: float

    @property
    def demand(self) -> float:
        """Tokens per second that users ask for: what waits is taken to be served at once."""
        return self.tokens_per_second * (1.0 + self.waiting / max(self.running, 1.0))


@dataclass(frozen=True)
class Pods:
    """Values by pod at one time."""

    tokens_per_second: PodValues
    running: PodValues
    waiting: PodValues
    watts: PodValues


async def read_pods(prometheus: PowerQueries, reading: Reading) -> Pods:
    """Asks for what vLLM says of each pod, and puts watts beside it.

    Raises:
        TelemetryError: Prometheus gave no answer.
    """
    answers = await asyncio.gather(*(prometheus.query(each) for each in (_TOKENS, _RUNNING, _WAITING)))
    tokens, running, waiting = map(_by_pod, answers)
    return Pods(tokens, running, waiting, pod_watts(reading))


def pod_watts(reading: Reading) -> PodValues:
    """Returns watts by pod: its GPUs, each once and shared between its holders, and its CPU share."""
    table = reading.table
    holders: dict[str, dict[ServiceKey, float]] = defaultdict(dict)
    watts: dict[ServiceKey, float] = defaultdict(float)
    columns = (table.scope, table.device, table.namespace, table.pod, table.watts)
    for scope, device, namespace, pod, value in zip(*(each.tolist() for each in columns), strict=True):
        if pod and scope == SCOPE_GPU:
            holders[device].setdefault(ServiceKey(namespace, pod), value)
        elif pod and scope == SCOPE_POD:
            watts[ServiceKey(namespace, pod)] += value
    for own in holders.values():
        for key, value in own.items():
            watts[key] += value / len(own)
    return watts


def _by_pod(answer: Vector) -> PodValues:
    found: dict[ServiceKey, float] = defaultdict(float)
    for labels, value in zip(answer.labels, answer.values.tolist(), strict=True):
        pod = labels.get("exported_pod") or labels.get("pod", "")
        namespace = labels.get("exported_namespace") or labels.get("namespace", "")
        if pod and np.isfinite(value):
            found[ServiceKey(namespace, pod)] += value
    return found


class Samples:
    """The last samples of every service, and the model learnt from them."""

    def __init__(self, deviations: float) -> None:
        self._deviations = deviations
        self._samples: dict[ServiceKey, deque[Sample]] = {}
        self._models: dict[ServiceKey, ReplicaModel | None] = {}

    def add(self, pods: Pods, services: Mapping[ServiceKey, ServiceKey]) -> None:
        """Takes one reading; a service without a measured pod gets no sample."""
        members: dict[ServiceKey, list[ServiceKey]] = defaultdict(list)
        for pod, service in services.items():
            if pod in pods.tokens_per_second and pod in pods.watts:
                members[service].append(pod)
        self._models = {}
        for service, own in members.items():
            self._samples.setdefault(service, deque(maxlen=_MOST_SAMPLES)).append(_sample(pods, own))

    def demand(self, service: ServiceKey, quantile: float = 0.95) -> float:
        """Returns the load to plan for: the present one, or a quantile of the recent ones if higher."""
        own = self._samples.get(service)
        if not own:
            return 0.0
        return max(own[-1].demand, float(np.quantile([one.demand for one in list(own)], quantile)))

    def model(self, service: ServiceKey) -> ReplicaModel | None:
        """Returns what was learnt of a service's replicas; None where nothing was measured under load."""
        models = self._models
        if service not in models:
            models[service] = self._learn(list(self._samples.get(service, ())))
        return models[service]

    def _learn(self, own: list[Sample]) -> ReplicaModel | None:
        if not own:
            return None
        table = np.array(
            [(one.running, one.tokens_per_second, one.watts) for one in own], dtype=np.float64
        ) / np.array([[one.replicas] for one in own])
        return learn_replica(ReplicaSamples(*table.T), self._deviations)


def _sample(pods: Pods, own: list[ServiceKey]) -> Sample:
    return Sample(
        len(own), *(sum(values.get(pod, 0.0) for pod in own) for values in
        (pods.tokens_per_second, pods.running, pods.waiting, pods.watts))
    )  # fmt: skip
