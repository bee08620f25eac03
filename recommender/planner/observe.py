"""What is seen of services, sample by sample: load, requests at once, watts."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from common.models.serving import ReplicaModel, ReplicaSamples, learn_replica
from common.telemetry.columns import Floats
from common.telemetry.load import LoadTable
from recommender.model.draws import Draws
from recommender.planner.service_state import ServiceKey

_MOST_SAMPLES = 240

PodValues = Mapping[ServiceKey, float]


@dataclass(frozen=True)
class Sample:
    """Of one service at one time: replicas that serve, and sums over them.

    The time to the first token is the highest of all; NaN where nobody tells, or where requests wait: the
    queue counts as load.
    """

    replicas: int
    tokens_per_second: float
    running: float
    waiting: float
    watts: float
    first_token_seconds: float = math.nan

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
    first_token_seconds: PodValues = field(default_factory=dict)


def pods_of(load: LoadTable, draws: Draws) -> Pods:
    """Puts what inference servers say of their load beside what their pods draw."""
    columns = (load.generated_per_second, load.running, load.waiting)
    tokens, running, waiting = (_by_pod(load, column) for column in columns)
    watts = {_key(key): draw.watts for key, draw in draws.pods.items()}
    return Pods(tokens, running, waiting, watts, _by_pod(load, load.first_token_seconds))


def _by_pod(load: LoadTable, column: Floats) -> PodValues:
    """Adds up the models of a pod; what a server does not tell is absent."""
    found: dict[ServiceKey, float] = defaultdict(float)
    for server, value in zip(load.servers, column.tolist(), strict=True):
        if np.isfinite(value):
            found[ServiceKey(server.namespace, server.pod)] += value
    return found


def _key(pod: str) -> ServiceKey:
    namespace, _, name = pod.partition("/")
    return ServiceKey(namespace, name)


class Samples:
    """The last samples of every service, and the model learnt from them.

    Args:
        deviations: How far above their mean watts are planned.
        recent: How many of the last samples the load is planned from.
    """

    def __init__(self, deviations: float, recent: int = _MOST_SAMPLES) -> None:
        self._deviations = deviations
        self._recent = min(max(1, recent), _MOST_SAMPLES)
        self._samples: dict[ServiceKey, deque[Sample]] = {}
        self._models: dict[ServiceKey, ReplicaModel | None] = {}
        self._gone: dict[ServiceKey, int] = {}

    def add(self, pods: Pods, services: Mapping[ServiceKey, ServiceKey]) -> None:
        """Takes one reading; a service without a measured pod gets no sample."""
        members: dict[ServiceKey, list[ServiceKey]] = defaultdict(list)
        for pod, service in services.items():
            if pod in pods.tokens_per_second and pod in pods.watts:
                members[service].append(pod)
        self._models = {}
        self._forget(set(services.values()))
        for service, own in members.items():
            self._samples.setdefault(service, deque(maxlen=_MOST_SAMPLES)).append(_sample(pods, own))

    def _forget(self, present: set[ServiceKey]) -> None:
        """Drops services that have had no pods for as long as samples are kept."""
        gone = {
            service: self._gone.get(service, 0) + 1 for service in self._samples if service not in present
        }
        for service, times in gone.items():
            if times >= _MOST_SAMPLES:
                del self._samples[service]
        self._gone = {service: times for service, times in gone.items() if times < _MOST_SAMPLES}

    def demand(self, service: ServiceKey, quantile: float = 0.95, rise: float = 1.0) -> float:
        """Returns the load to plan for: the present one, or a quantile of the recent ones if higher.

        Args:
            service: Whose.
            quantile: Of the recent samples.
            rise: What the present load is forecast to grow by, as a factor.
        """
        own = self._samples.get(service)
        if not own:
            return 0.0
        recent = [one.demand for one in list(own)[-self._recent :]]
        return max(rise * recent[-1], float(np.quantile(recent, quantile)))

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
        first = np.array([one.first_token_seconds for one in own])
        requests, tokens, watts = table.T
        return learn_replica(ReplicaSamples(requests, tokens, watts, first), self._deviations)


def _sample(pods: Pods, own: list[ServiceKey]) -> Sample:
    tokens, running, waiting, watts = (
        sum(values.get(pod, 0.0) for pod in own)
        for values in (pods.tokens_per_second, pods.running, pods.waiting, pods.watts)
    )
    first = max((pods.first_token_seconds.get(pod, math.nan) for pod in own), default=math.nan)
    return Sample(len(own), tokens, running, waiting, watts, math.nan if waiting else first)
