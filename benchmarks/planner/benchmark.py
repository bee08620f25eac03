"""The Planner: how fast it plans, how near to the optimum, and how well energy per token is predicted.

Speed is of the whole plan of 100 models with 1,000 replicas, from states to rows with reasons, on fresh loads
each time. Gaps are those of the greedy plan without exact search, against HiGHS (its bound, where its
deadline ended it), on random instances and on measured options. Profiles: see ``profiles``.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

import numpy as np

from benchmarks.planner.instances import cap_between, measured_problems, random_problems, random_services
from benchmarks.planner.profiles import leave_one_model_out, read_profiles
from benchmarks.registry import Benchmark, Metrics, Skipped
from recommender.planner.options import options_of
from recommender.planner.plan import make_plan, pose
from recommender.planner.service_state import Weights
from recommender.planner.solver import Problem, solve
from recommender.planner.solver.exact import highs_or_none, solve_exactly

_SEED = 9
_EXACT_SECONDS = 5.0


def run(arguments: Namespace) -> Metrics:
    """Returns speed, gaps and errors."""
    if highs_or_none() is None:
        raise Skipped("needs highspy: pip install 'climatik[exact]'")
    profiles = read_profiles(arguments.data)
    random = _gaps(random_problems(_SEED, arguments.instances))
    measured = _gaps(measured_problems(profiles, _SEED, max(1, arguments.instances // 5)))
    return {
        **_speed(arguments.rounds),
        "worst_gap_percent": float(max([*random, *measured])),
        "worst_gap_random_percent": float(max(random)),
        "mean_gap_random_percent": float(np.mean(random)),
        "worst_gap_measured_percent": float(max(measured, default=0.0)),
        "instances": len(random) + len(measured),
        **leave_one_model_out(profiles),
    }


def _speed(rounds: int) -> dict[str, float | int]:
    random, seconds, replicas, gaps = np.random.default_rng(_SEED), [], [], []
    for _ in range(rounds):
        services = random_services(random, 100)
        free = pose(services, [options_of(one) for one in services], np.inf, Weights())
        cap = cap_between(free, float(random.uniform(0.2, 1.0)))
        began = time.perf_counter()
        plan = make_plan(services, cap, Weights())
        seconds.append(time.perf_counter() - began)
        replicas.append(sum(row.replicas for row in plan.rows))
        gaps.append(plan.gap)
    return {
        "p99_milliseconds": 1000 * float(np.quantile(seconds, 0.99)),
        "median_milliseconds": 1000 * float(np.median(seconds)),
        "mean_replicas_planned": float(np.mean(replicas)),
        "worst_proven_gap_at_100_services_percent": 100 * float(max(gaps)),
    }


def _gaps(problems: Iterable[Problem]) -> list[float]:
    return [_gap(problem) for problem in problems]


def _gap(problem: Problem) -> float:
    greedy = solve(problem)
    worth = problem.worth(greedy.choice)
    found = solve_exactly(problem, greedy.choice, _EXACT_SECONDS)
    if found is None:
        return 100 * greedy.gap
    best = problem.worth(found[0])
    bound = best + found[1] * abs(best)
    return 100 * max(0.0, bound - worth) / max(abs(bound), 1e-12)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--instances", type=int, default=100, help="random instances")
    parser.add_argument("--rounds", type=int, default=200, help="timed plans")


BENCHMARK = Benchmark(
    name="planner",
    description="replicas and watts of 100 services: time, gap to the optimum, energy per token predicted",
    run=run,
    add_arguments=_arguments,
    data=("llm",),
)
