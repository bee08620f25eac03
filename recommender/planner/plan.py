"""A plan for all services under a cap: pure, from states and weights to rows with reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.planner.options import Array, Option, Options, options_of, stack
from recommender.planner.reasons import Tight, reason
from recommender.planner.service_state import ServiceKey, ServiceState, Weights
from recommender.planner.solver import Problem, Solution, solve

_WATTS_BEFORE_THROUGHPUT = 1e-3
"""A token is given up only where it would cost a thousand times the mean watts of a token."""
_PRIORITY_FACTOR = 10.0
_MOST_PRIORITY_RANKS = 4


class CapTooLowError(ValueError):
    """No service's minimum fits under the cap; the text says how many watts would do."""


@dataclass(frozen=True)
class Row:
    """The plan for one service; ``option`` is None where its minimum found no watts."""

    service: ServiceState
    option: Option | None
    reason: str

    @property
    def replicas(self) -> int:
        """How many to run."""
        return self.option.replicas if self.option else 0


@dataclass(frozen=True)
class Plan:
    """Rows in the order of the services.

    Attributes:
        rows: One per service.
        cap_watts: Held, or infinite.
        gap: Proven: no plan is better by more than this share.
        method: ``greedy`` or ``exact``.
        tokens_per_watt: What one more watt under the cap would serve; 0 where it does not bind.
    """

    rows: tuple[Row, ...]
    cap_watts: float
    gap: float
    method: str
    tokens_per_watt: float

    @property
    def watts(self) -> float:
        """What all services may draw together."""
        return sum(row.option.watts for row in self.rows if row.option)

    def row(self, key: ServiceKey) -> Row | None:
        """Returns the row of a service, or None."""
        return next((row for row in self.rows if row.service.key == key), None)


@dataclass(frozen=True)
class Groups:
    """Caps below the one of all: services of one policy, for example.

    Attributes:
        of: Index of each service's group.
        cap_watts: Of each group; may be infinite.
    """

    of: Sequence[int]
    cap_watts: Sequence[float]


def make_plan(
    services: Sequence[ServiceState], cap_watts: float, weights: Weights, *, exact_seconds: float = 0.0,
    groups: Groups | None = None,
) -> Plan:  # fmt: skip
    """Chooses replicas and watts of every service so that their sum holds the cap.

    Args:
        services: Each once.
        cap_watts: Above 0; infinite for none.
        weights: Of watts, money, carbon and changes.
        exact_seconds: Time for an exact search after the greedy one.
        groups: Caps on some of the services together; None for none.

    Raises:
        CapTooLowError: Not even one service's minimum fits.
    """
    if not services:
        return Plan((), cap_watts, 0.0, "greedy", 0.0)
    groups = groups or Groups([0] * len(services), [math.inf])
    options = [options_of(service) for service in services]
    kept = _that_fit(services, options, cap_watts, groups)
    problem = pose([services[i] for i in kept], [options[i] for i in kept], cap_watts, weights)
    problem = replace(
        problem,
        group=np.array([groups.of[i] for i in kept], dtype=np.int64),
        group_cap_watts=np.array(groups.cap_watts, dtype=np.float64),
    )
    solution = solve(problem, exact_seconds=exact_seconds)
    chosen = dict(zip(kept, solution.choice.tolist(), strict=True))
    slack = problem.slack_watts(solution.choice)[1]
    rows = tuple(
        _row(
            service, options[i], chosen.get(i),
            _binding(solution, float(slack[groups.of[i]]), cap_watts, groups.cap_watts[groups.of[i]]),
        )
        for i, service in enumerate(services)
    )  # fmt: skip
    return Plan(rows, cap_watts, solution.gap, solution.method, solution.value_per_watt)


def _row(service: ServiceState, options: Options, column: int | None, tight: Tight) -> Row:
    option = None if column is None else options.option(service, column)
    return Row(service, option, reason(service, options, option, tight))


def _binding(solution: Solution, slack_watts: float, cap_watts: float, group_cap_watts: float) -> Tight:
    """Returns the cap that keeps a service down: the one of all where a watt more of it is worth anything."""
    if solution.value_per_watt > 0:
        return Tight(cap_watts, 0.0)
    return Tight(group_cap_watts, slack_watts)


def _that_fit(
    services: Sequence[ServiceState], options: Sequence[Options], cap_watts: float, groups: Groups
) -> list[int]:
    """Returns whose minimum finds watts: the highest priority first, in it the smallest first."""
    floors = [own.least_watts for own in options]
    left, rooms, kept = cap_watts, list(groups.cap_watts), []
    for index in sorted(range(len(services)), key=lambda i: (-services[i].priority, floors[i], i)):
        if floors[index] <= min(left, rooms[groups.of[index]]):
            kept.append(index)
            left -= floors[index]
            rooms[groups.of[index]] -= floors[index]
    if not kept:
        raise CapTooLowError(
            f"a cap of {cap_watts:.0f} W is below the minimum of every service: the smallest needs"
            f" {math.ceil(min(floors))} W, all together {math.ceil(sum(floors))} W"
        )
    return sorted(kept)


def pose(
    services: Sequence[ServiceState], options: Sequence[Options], cap_watts: float, weights: Weights
) -> Problem:
    """Returns the solver's problem: throughput by priority, less what watts and changes weigh."""
    watts = stack(options, [one.watts for one in options], np.inf)
    tokens = stack(options, [one.worth_tokens_per_second for one in options], 0.0)
    each = [_penalty_watts(service, own, weights) for service, own in zip(services, options, strict=True)]
    penalty = stack(options, each, 0.0)
    present = np.isfinite(watts)
    mean = tokens.max(axis=1).sum() / max(1e-9, float(np.where(present, watts, 0.0).max(axis=1).sum()))
    price = _WATTS_BEFORE_THROUGHPUT * (mean or 1.0)
    value = _priority_weights(services)[:, None] * tokens - price * penalty
    return Problem.under_one_cap(watts, np.where(present, value, -np.inf), cap_watts)


def _penalty_watts(service: ServiceState, options: Options, weights: Weights) -> Array:
    # Half of a start is laid to each end of a change: what was stopped is likely to be started again.
    changed = np.abs(options.replicas - service.replicas) / 2 * options.replica_watts
    running = options.expected_watts * weights.watts_factor + options.replicas * weights.replica_watts
    return running + changed * weights.start_seconds / weights.hold_seconds


def _priority_weights(services: Sequence[ServiceState]) -> Array:
    ranks = {each: rank for rank, each in enumerate(sorted({one.priority for one in services}))}
    return np.array(
        [_PRIORITY_FACTOR ** min(ranks[one.priority], _MOST_PRIORITY_RANKS) for one in services],
        dtype=np.float64,
    )
