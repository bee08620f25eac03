"""Services and caps for the planner's benchmark, made from a seed or from measured profiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.planner.profiles import Profile
from common.models.serving import ReplicaModel
from recommender.planner.options import Options, options_of
from recommender.planner.plan import pose
from recommender.planner.service_state import ServiceKey, ServiceState, Weights
from recommender.planner.solver import Problem


def random_services(
    random: np.random.Generator, count: int, mean_replicas: float = 10.0
) -> list[ServiceState]:
    """Returns services whose loads need about so many replicas each."""
    return [_service(random, index, mean_replicas) for index in range(count)]


def _service(random: np.random.Generator, index: int, mean_replicas: float) -> ServiceState:
    gpus = int(random.choice([1, 2, 4, 8]))
    model = ReplicaModel(
        step_seconds=float(random.uniform(0.01, 0.05)),
        request_seconds=float(random.uniform(0.0002, 0.002)),
        idle_watts=gpus * float(random.uniform(80, 250)),
        joules_per_token=gpus * float(random.uniform(0.1, 0.6)),
        most_requests=256.0,
        upper_factor=float(random.uniform(1.05, 1.3)),
    )
    target = float(random.uniform(0.06, 0.15))
    wanted = random.uniform(0.3, 1.7) * mean_replicas
    present = int(random.integers(1, int(2 * mean_replicas)))
    return ServiceState(
        key=ServiceKey("default", f"model-{index}"),
        replicas=present,
        least_replicas=int(random.integers(0, 3)),
        most_replicas=int(3 * mean_replicas),
        priority=int(random.integers(0, 3)),
        target_seconds=target,
        tokens_per_second=float(wanted * model.capacity(1.0, target)),
        model=model,
        nameplate_watts=700.0 * gpus,
    )


def cap_between(problem: Problem, share: float) -> float:
    """Returns a cap between the least watts and those that everybody's best would take."""
    least = float(problem.watts.min(axis=1).sum())
    best = float(problem.chosen(problem.watts, problem.value.argmax(axis=1)).sum())
    return least + share * max(1.0, best - least)


def random_problems(seed: int, count: int) -> Iterator[Problem]:
    """Yields problems of 3 to 60 services, capped from almost nothing to almost everything."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        services = random_services(random, int(random.integers(3, 61)))
        options = [options_of(one) for one in services]
        free = pose(services, options, np.inf, Weights())
        yield Problem.under_one_cap(
            free.watts, free.value, cap_between(free, float(random.uniform(0.05, 1.1)))
        )


def measured_problems(profiles: Sequence[Profile], seed: int, count: int) -> Iterator[Problem]:
    """Yields problems whose options are replicas x measured batches of each model, card and split."""
    random = np.random.default_rng(seed)
    tables: dict[tuple[str, float, int], list[Profile]] = defaultdict(list)
    for one in profiles:
        if one.measured is not None:
            key = (
                one.model,
                one.measurement.configuration.card.board_watts,
                one.measurement.configuration.gpus,
            )
            tables[key].append(one)
    for _ in range(count if tables else 0):
        own = [_measured_options(random, list(table)) for table in tables.values() for _ in range(5)]
        services = [_service(random, index, 8.0) for index in range(len(own))]
        free = pose(services, own, np.inf, Weights())
        yield Problem.under_one_cap(
            free.watts, free.value, cap_between(free, float(random.uniform(0.05, 1.0)))
        )


def _measured_options(random: np.random.Generator, table: list[Profile]) -> Options:
    load, counts = float(random.uniform(50, 2000)), np.arange(17.0)
    measured = [one.measured for one in table if one.measured is not None]
    replicas = np.tile(counts, len(measured))
    watts = np.repeat([one.replica_watts for one in measured], len(counts))
    tokens = np.repeat([one.tokens_per_second for one in measured], len(counts))
    served = np.minimum(load, replicas * tokens)
    return Options(replicas, watts, replicas * watts, served, np.ones(len(replicas)))
