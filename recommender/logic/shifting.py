"""Deferrable work into the cheap or green hours before its deadline.

Training and batch work may wait; inference does not move in time and never enters here. The plan is made anew
each hour from what is left, so that a forecast that turns out wrong costs money, never a deadline.

Deadlines come first: before an hour is given to a job, everything still to be placed must fit into what
remains, earliest deadline first (what must not be interrupted before all else). So every deadline that this
plain rule would keep is kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

_KILOGRAMS_PER_TONNE = 1000.0


class Reason(StrEnum):
    """Why a job got its hours."""

    CHEAPEST_HOURS = "CheapestHours"
    NO_SLACK = "NoSlack"
    DEADLINE_AT_RISK = "DeadlineAtRisk"


@dataclass(frozen=True)
class DeferrableJob:
    """Work that may wait.

    Attributes:
        name: Unique among the jobs of a plan.
        hours: Whole hours of running still needed, at least 0.
        deadline_hour: First hour at which it must be done, counted from now; it may run in hours before it.
        watts: Draw while running.
        release_hour: First hour in which it may run.
        interruptible: Whether its hours need not be consecutive.
        slack_hours: Kept free before the deadline against a restart that takes longer than asked for.
    """

    name: str
    hours: int
    deadline_hour: int
    watts: float
    release_hour: int = 0
    interruptible: bool = True
    slack_hours: int = 0

    @property
    def window(self) -> range:
        """Returns the hours in which it may run; slack is given up where the work would not fit otherwise."""
        end = max(self.deadline_hour - self.slack_hours, self.release_hour + self.hours)
        return range(max(0, self.release_hour), max(0, min(end, self.deadline_hour)))


@dataclass(frozen=True)
class ShiftingWeights:
    """What an hour costs.

    Attributes:
        money: Weight of the price, per USD (or EUR) of the price series.
        carbon_price_per_tonne: What a tonne of CO2 is counted as, in the same money.
    """

    money: float = 1.0
    carbon_price_per_tonne: float = 0.0

    def hourly_costs(
        self, price_per_mwh: Sequence[float], grams_per_kwh: Sequence[float]
    ) -> tuple[float, ...]:
        """Returns the weighted cost of a MWh in each hour; an hour without forecast costs the mean."""
        carbon = self.carbon_price_per_tonne / _KILOGRAMS_PER_TONNE  # g/kWh is kg/MWh
        costs = [
            (self.money * price if self.money else 0.0) + (carbon * grams if carbon else 0.0)
            for price, grams in zip(price_per_mwh, grams_per_kwh, strict=True)
        ]
        known = [cost for cost in costs if math.isfinite(cost)]
        mean = sum(known) / len(known) if known else 0.0
        return tuple(cost if math.isfinite(cost) else mean for cost in costs)


@dataclass(frozen=True)
class JobPlan:
    """Hours of one job.

    Attributes:
        name: Of the job.
        hours: Ascending, counted from now.
        reason: Why these.
        missing_hours: Of running that does not fit before the deadline; more than 0 only when at risk.
        saved: Weighted cost that running from the release on would have had on top, per MW drawn.
    """

    name: str
    hours: tuple[int, ...]
    reason: Reason
    missing_hours: int
    saved: float


@dataclass
class _Board:
    """Headroom that is left, and what each job still needs."""

    headroom_watts: list[float]
    taken: dict[str, set[int]] = field(default_factory=dict)

    def fits(self, job: DeferrableJob, hour: int) -> bool:
        return self.headroom_watts[hour] >= job.watts and hour not in self.taken.get(job.name, ())

    def take(self, job: DeferrableJob, hours: Sequence[int]) -> None:
        for hour in hours:
            self.headroom_watts[hour] -= job.watts
        self.taken.setdefault(job.name, set()).update(hours)

    def left(self, job: DeferrableJob) -> int:
        return job.hours - len(self.taken.get(job.name, ()))

    def copy(self) -> _Board:
        return _Board(list(self.headroom_watts), {name: set(hours) for name, hours in self.taken.items()})


def shift(
    jobs: Sequence[DeferrableJob], costs: Sequence[float], headroom_watts: Sequence[float]
) -> dict[str, JobPlan]:
    """Returns the hours of each job by name.

    Args:
        jobs: With unique names.
        costs: Weighted cost of a MWh in each hour from now on, at least up to the last deadline.
        headroom_watts: Watts that deferrable work may draw in each of these hours.

    Raises:
        ValueError: Costs, headroom and deadlines do not match, or a name appears twice.
    """
    _check(jobs, costs, headroom_watts)
    board = _Board(list(headroom_watts))
    promised = _earliest_deadline_first(jobs, board)
    kept = [job for job in jobs if not promised.left(job)]
    completion = promised
    for hours, job in _choices(kept, costs):
        if board.left(job) < len(hours) or not all(board.fits(job, hour) for hour in hours):
            continue
        attempt = board.copy()
        attempt.take(job, hours)
        attempted = _earliest_deadline_first(kept, attempt)
        if not any(attempted.left(each) for each in kept):
            board, completion = attempt, attempted
    final = _earliest_deadline_first(jobs, completion)
    return {job.name: _describe(job, final, costs) for job in jobs}


def _check(jobs: Sequence[DeferrableJob], costs: Sequence[float], headroom_watts: Sequence[float]) -> None:
    if len(costs) != len(headroom_watts):
        raise ValueError(
            f"costs has {len(costs)} hours and headroom_watts {len(headroom_watts)}; give the same"
        )
    if len({job.name for job in jobs}) != len(jobs):
        raise ValueError("two jobs have the same name; make names unique")
    late = [job.name for job in jobs if job.window.stop > len(costs)]
    if late:
        raise ValueError(
            f"costs end before the deadlines of {', '.join(late)}; repeat or extend the forecast"
        )


def _choices(
    jobs: Sequence[DeferrableJob], costs: Sequence[float]
) -> list[tuple[tuple[int, ...], DeferrableJob]]:
    """Returns all single hours, or for what must not be interrupted all stretches, the best first.

    What must not be interrupted goes first, as it fits in fewer places; then by cost and, equal, by time.
    """
    choices = [
        (tuple(range(start, start + length)), job)
        for job in jobs
        for length in (1 if job.interruptible else max(1, job.hours),)
        for start in range(job.window.start, job.window.stop - length + 1)
    ]
    return sorted(
        choices,
        key=lambda choice: (
            choice[1].interruptible,
            sum(costs[hour] for hour in choice[0]) / len(choice[0]),
            choice[0][0],
        ),
    )


def _earliest_deadline_first(jobs: Sequence[DeferrableJob], board: _Board) -> _Board:
    """Returns a board on which what is left of every job has been placed as early as it fits."""
    filled = board.copy()
    for job in sorted(jobs, key=lambda each: (each.interruptible, each.window.stop, each.name)):
        need = filled.left(job)
        if not need:
            continue
        if job.interruptible:
            free = (hour for hour in job.window if filled.fits(job, hour))
            filled.take(job, list(islice(free, need)))
        else:
            filled.take(job, _first_stretch(job, filled))
    return filled


def _first_stretch(job: DeferrableJob, board: _Board) -> Sequence[int]:
    for start in range(job.window.start, job.window.stop - job.hours + 1):
        stretch = range(start, start + job.hours)
        if all(board.fits(job, hour) for hour in stretch):
            return stretch
    return ()


def _describe(job: DeferrableJob, board: _Board, costs: Sequence[float]) -> JobPlan:
    hours = tuple(sorted(board.taken.get(job.name, ())))
    missing = job.hours - len(hours)
    if missing:
        reason = Reason.DEADLINE_AT_RISK
    else:
        reason = Reason.NO_SLACK if job.hours >= len(job.window) else Reason.CHEAPEST_HOURS
    at_once = job.window[: len(hours)]
    saved = sum(costs[hour] for hour in at_once) - sum(costs[hour] for hour in hours)
    return JobPlan(job.name, hours, reason, missing, saved)


def should_run_now(plans: Mapping[str, JobPlan]) -> frozenset[str]:
    """Returns the names of the jobs that run in the present hour."""
    return frozenset(name for name, plan in plans.items() if 0 in plan.hours)
