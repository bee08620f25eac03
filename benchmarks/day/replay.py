"""One day under one controller, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.day.grid import GridDay
from benchmarks.day.load import DayLoad
from benchmarks.day.pool import Pool, Served
from common.replay.profile import Floats

_WARM_SECONDS = 3600.0
_JOULES_PER_KWH = 3.6e6


class Controller(Protocol):
    """Sets replicas and limits."""

    def act(self, now: float, pools: Sequence[Pool], served: Sequence[Served]) -> None:
        """Acts after a step that ended at ``now``, in seconds since midnight."""
        ...


@dataclass(frozen=True)
class Batch:
    """Deferrable work: its draw while it runs, and the hours in which it did."""

    watts: float
    hours: frozenset[int]


@dataclass(frozen=True)
class Facts:
    """What is the same for every controller of a day."""

    load: DayLoad
    grid: GridDay
    cap_watts: float


Figures = dict[str, float]


def replay(facts: Facts, pools: Sequence[Pool], controller: Controller, batch: Batch) -> Figures:
    """Steps through the hour before and the day; returns the figures of the day."""
    book = _Book(facts)
    dt = facts.load.dt
    served = [Served() for _ in pools]
    for step, arrived in enumerate(facts.load.arrivals.T.tolist()):
        now = step * dt - _WARM_SECONDS
        served = [pool.step(dt, requests) for pool, requests in zip(pools, arrived, strict=True)]
        if now >= 0:
            book.take(now, pools, served, batch)
        controller.act(now + dt, pools, served)
    return book.figures(pools)


@dataclass
class _Users:
    """What users got: tokens and how slow they were, requests and how late they were begun."""

    tokens: float = 0.0
    slow: float = 0.0
    started: float = 0.0
    late: float = 0.0
    lost: float = 0.0
    high_asked: float = 0.0
    high_late: float = 0.0

    def take(self, pool: Pool, one: Served) -> None:
        late = one.started if one.waited_seconds > pool.kind.start_target_seconds else 0.0
        self.tokens += one.tokens + one.drained_tokens
        self.slow += one.tokens if one.token_seconds > pool.kind.target_seconds else 0.0
        self.started += one.started
        self.late += late
        self.lost += one.lost
        if pool.kind.priority > 0:
            self.high_asked += one.started + one.lost
            self.high_late += late + one.lost

    def figures(self, waiting: float) -> Figures:
        never = self.lost + waiting
        return {
            "slow_tokens_percent": 100.0 * self.slow / self.tokens,
            "late_starts_percent": 100.0 * (self.late + never) / (self.started + never),
            "high_late_starts_percent": 100.0 * self.high_late / max(1.0, self.high_asked),
            "lost_requests_percent": 100.0 * self.lost / (self.started + never),
        }


class _Book:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._dt = facts.load.dt
        self._hourly_joules: Floats = np.zeros(24)
        self._users = _Users()
        self._serving_joules = 0.0
        self._over = self._highest = self._longest = self._run = 0.0
        self._bounds: list[int] = []
        self._changes = self._replicas_changed = 0

    def take(self, now: float, pools: Sequence[Pool], served: Sequence[Served], batch: Batch) -> None:
        hour = int(now // 3600.0)
        serving = sum(one.watts for one in served)
        watts = serving + (batch.watts if hour in batch.hours else 0.0)
        self._serving_joules += serving * self._dt
        self._hourly_joules[hour] += watts * self._dt
        self._watch_cap(watts)
        for pool, one in zip(pools, served, strict=True):
            self._users.take(pool, one)
        self._count_changes([pool.bound for pool in pools])

    def _watch_cap(self, watts: float) -> None:
        over = watts - self._facts.cap_watts
        self._over += max(0.0, over) * self._dt
        self._highest = max(self._highest, watts)
        self._run = self._run + self._dt if over > 0 else 0.0
        self._longest = max(self._longest, self._run)

    def _count_changes(self, bounds: list[int]) -> None:
        if self._bounds:
            moved = [abs(new - old) for new, old in zip(bounds, self._bounds, strict=True)]
            self._changes += sum(1 for one in moved if one)
            self._replicas_changed += sum(moved)
        self._bounds = bounds

    def figures(self, pools: Sequence[Pool]) -> Figures:
        grid, tokens = self._facts.grid, self._users.tokens
        kwh = self._hourly_joules / _JOULES_PER_KWH
        return {
            "over_cap_watt_seconds": self._over,
            "longest_over_cap_seconds": self._longest,
            "peak_percent_of_cap": 100.0 * self._highest / self._facts.cap_watts,
            **self._users.figures(sum(pool.waiting for pool in pools)),
            "joules_per_token": self._serving_joules / tokens,
            "mega_tokens": tokens / 1e6,
            "kwh": float(kwh.sum()),
            "cost_usd": float(kwh @ grid.usd_per_mwh) / 1000.0,
            "gco2_kilograms": float(kwh @ grid.gco2_per_kwh) / 1000.0,
            "usd_per_million_tokens": float(kwh @ grid.usd_per_mwh) * 1e3 / tokens,
            "gco2_per_thousand_tokens": float(kwh @ grid.gco2_per_kwh) * 1e3 / tokens,
            "changes": float(self._changes),
            "replicas_changed": float(self._replicas_changed),
        }
