"""Energy per token and per request of inference servers, from watts and rates over the last minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from common.api.meta import object_key
from common.telemetry.load import LoadTable, Server
from recommender.model.draws import Draws
from recommender.model.pods import PodView

HALF_LIFE_SECONDS = 120.0
"""Long enough that batches even out, short enough that a changed limit shows within minutes."""
_LONGEST_STEP_SECONDS = 60.0
_OLDEST_SECONDS = 60.0
_FORGET_BELOW = 2.0**-10
_FEWEST = 1.0


class Service(NamedTuple):
    """A model as a workload serves it."""

    namespace: str
    workload: str
    model: str


class Spent(NamedTuple):
    """Sums over the last minutes, older ones counting less: joules, tokens generated, requests finished."""

    joules: float = 0.0
    tokens: float = 0.0
    requests: float = 0.0

    @property
    def joules_per_token(self) -> float | None:
        """None while hardly anything was generated."""
        return self.joules / self.tokens if self.tokens >= _FEWEST else None

    @property
    def joules_per_request(self) -> float | None:
        """None while hardly any request was finished."""
        return self.joules / self.requests if self.requests >= _FEWEST else None

    def plus(self, other: Spent) -> Spent:
        """Returns the sums of both."""
        return Spent(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def faded(self, share: float) -> Spent:
        """Returns what is left of it."""
        return Spent(self.joules * share, self.tokens * share, self.requests * share)


class Efficiency:
    """Integrates the watts and the rates of each server; what it drew while idle is in its figures, too."""

    def __init__(self) -> None:
        self._spent: dict[Server, Spent] = {}
        self._weight: dict[Server, float] = {}
        self._by_pod: dict[str, Spent] = {}
        self._at: float | None = None

    def observe(self, at: float, load: LoadTable, draws: Draws) -> None:
        """Adds what was drawn and done since the last reading, by pods of which both are known.

        Args:
            at: Unix seconds of the draws.
            load: Of inference servers.
            draws: What pods draw.
        """
        step = 0.0 if self._at is None else min(max(0.0, at - self._at), _LONGEST_STEP_SECONDS)
        self._at = at
        if step:
            self._fade(0.5 ** (step / HALF_LIFE_SECONDS))
            for server, rates in _rates(load, draws).items():
                self._spent[server] = self._spent.get(server, Spent()).plus(rates.faded(step))
                self._weight[server] = 1.0
            self._by_pod = self._sum_by_pod()

    def of(self, pods: Iterable[str]) -> Spent:
        """Returns the sums over pods, by key."""
        found = Spent()
        for spent in filter(None, map(self._by_pod.get, pods)):
            found = found.plus(spent)
        return found

    def by_service(self, pods: Iterable[PodView]) -> dict[Service, Spent]:
        """Returns the sums over the servers of each service that still run."""
        workloads = {pod.key: pod.workload for pod in pods}
        found: dict[Service, Spent] = defaultdict(Spent)
        for server, spent in self._spent.items():
            workload = workloads.get(object_key(server.pod, server.namespace))
            if workload is not None:
                service = Service(server.namespace, workload, server.model)
                found[service] = found[service].plus(spent)
        return dict(found)

    def _sum_by_pod(self) -> dict[str, Spent]:
        found: dict[str, Spent] = defaultdict(Spent)
        for server, spent in self._spent.items():
            key = object_key(server.pod, server.namespace)
            found[key] = found[key].plus(spent)
        return dict(found)

    def _fade(self, share: float) -> None:
        self._weight = {
            server: weight * share for server, weight in self._weight.items()
            if weight * share > _FORGET_BELOW
        }  # fmt: skip
        self._spent = {server: self._spent[server].faded(share) for server in self._weight}


def _rates(load: LoadTable, draws: Draws) -> dict[Server, Spent]:
    """Returns joules, tokens and requests per second of each server whose watts and tokens are known."""
    tokens, requests = load.generated_per_second.tolist(), load.requests_per_second.tolist()
    ages = load.age_seconds.tolist()
    usable = {
        server: (tokens[row], requests[row])
        for row, server in enumerate(load.servers)
        if ages[row] < _OLDEST_SECONDS and tokens[row] >= 0
        and object_key(server.pod, server.namespace) in draws.pods
    }  # fmt: skip
    share = _shares(usable)
    return {
        server: Spent(
            draws.pods[object_key(server.pod, server.namespace)].watts * share[server],
            made, done if done >= 0 else 0.0,
        )
        for server, (made, done) in usable.items()
    }  # fmt: skip


def _shares(usable: Mapping[Server, tuple[float, float]]) -> dict[Server, float]:
    """Returns which part of its pod's watts a server has: pods that serve several models split by tokens."""
    made: dict[tuple[str, str], float] = defaultdict(float)
    count: dict[tuple[str, str], int] = defaultdict(int)
    for server, (tokens, _) in usable.items():
        made[server[:2]] += tokens
        count[server[:2]] += 1
    return {
        server: tokens / made[server[:2]] if made[server[:2]] else 1.0 / count[server[:2]]
        for server, (tokens, _) in usable.items()
    }
