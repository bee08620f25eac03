"""From the plan before to the plan that is made: limits and ceilings, step by step, within the cap."""

from __future__ import annotations

import math
from collections.abc import Sequence

from actuator.scaling.transition import Service, next_steps
from benchmarks.day.pool import Pool, Settings
from common.api.core import ObjectReference
from recommender.planner.plan import Plan


def approach(plan: Plan, cap_watts: float, pools: Sequence[Pool]) -> None:
    """Takes the steps towards a plan that may be taken now: what all may draw stays within the cap.

    What the plan leaves of the cap is spread over the limits, in proportion.
    """
    spare = cap_watts / plan.watts if plan.watts > 0 else 1.0
    wanted = [
        _settings(row.option.replica_watts * spare if row.option else 0.0, pool)
        for row, pool in zip(plan.rows, pools, strict=True)
    ]
    for pool, new in zip(pools, wanted, strict=True):
        pool.settings.limit_watts = min(pool.settings.limit_watts, new.limit_watts)
    services = [
        _service(index, pool, row.replicas)
        for index, (pool, row) in enumerate(zip(pools, plan.rows, strict=True))
    ]
    for step in next_steps(math.floor(cap_watts), services):
        pools[int(step.service.owner.name)].scale(step.ceiling)
    _raise_limits(cap_watts, pools, wanted)


def _settings(watts: float, pool: Pool) -> Settings:
    server = pool.kind.server
    # Whole watts: what is rounded up when it is booked must fit as well.
    return Settings(math.floor(min(max(watts, server.floor_watts), server.provisioned_watts)))


def _service(index: int, pool: Pool, wanted: int) -> Service:
    return Service(
        ObjectReference(kind="Deployment", name=str(index)), pool.bound, wanted, pool.alive,
        ending=pool.stopping, watts=math.ceil(pool.settings.limit_watts),
    )  # fmt: skip


def _raise_limits(cap_watts: float, pools: Sequence[Pool], wanted: Sequence[Settings]) -> None:
    room = cap_watts - sum(pool.alive * pool.settings.limit_watts for pool in pools)
    for pool, new in zip(pools, wanted, strict=True):
        more = min(new.limit_watts - pool.settings.limit_watts, math.floor(room / max(1, pool.alive)))
        if more > 0:
            pool.settings.limit_watts += more
            room -= pool.alive * more
