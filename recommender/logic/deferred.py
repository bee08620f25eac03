"""When a policy's Jobs run: the cheap or green hours before their deadlines, as ceilings and schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from common.api.meta import rfc3339
from common.api.policy import ReplicaAdvice, ScheduleAdvice
from common.grid.outlook import hour_of
from recommender.logic.deferrable import Deferrable, ceiling_of
from recommender.logic.shifting import JobPlan, Reason, shift

_HOUR = timedelta(hours=1)
_WORDS = {
    Reason.CHEAPEST_HOURS: "runs in the cheapest hours before its deadline",
    Reason.NO_SLACK: "needs every hour that is left",
    Reason.DEADLINE_AT_RISK: "its hours do not fit before the deadline: it runs whenever there are watts",
}


@dataclass(frozen=True)
class Deferred:
    """Ceilings of Jobs in the present hour, and when they run."""

    ceilings: list[ReplicaAdvice] = field(default_factory=list)
    schedule: list[ScheduleAdvice] = field(default_factory=list)

    @property
    def watts(self) -> int:
        """What those that run now may draw together."""
        return sum(one.replicas * one.watts_per_replica for one in self.ceilings)


NOTHING_DEFERRED = Deferred()


def defer(jobs: Sequence[Deferrable], costs: Sequence[float], room_watts: float, now: datetime) -> Deferred:
    """Chooses the hours of all Jobs of a policy.

    A Job whose deadline is at risk runs in the present hour wherever it fits, and so does one that has had
    the hours it asked for and is not done: it asked for too few.

    Args:
        jobs: With unique names.
        costs: Of a MWh, for each hour of the clock from the present one on.
        room_watts: What the cap leaves for them in each hour.
        now: The time.
    """
    sound = [job for job in jobs if not job.problem]
    plans = shift([job.in_hours(now) for job in sound], costs, [room_watts] * len(costs))
    found = [_decided(job, plans.get(job.workload), now) for job in jobs]
    return Deferred([ceiling for ceiling, _ in found], [advice for _, advice in found])


def unstopped(deferred: Deferred) -> Deferred:
    """Returns the same schedule with all Jobs running: a policy that keeps a replica of each stops none."""
    pods = {one.workload: one.pods for one in deferred.schedule}
    note = "; it runs all the same: only with spec.updatePolicy.minReplicas 0 may its last pod be stopped"
    ceilings = [replace(one, replicas=pods[one.workload]) for one in deferred.ceilings]
    schedule = [
        replace(one, runs=True, reason=one.reason if one.runs else f"{one.reason}{note}")
        for one in deferred.schedule
    ]
    return Deferred(ceilings, schedule)


def _decided(job: Deferrable, plan: JobPlan | None, now: datetime) -> tuple[ReplicaAdvice, ScheduleAdvice]:
    runs, reason, starts = _when(job, plan)
    hour = hour_of(now)
    advice = ScheduleAdvice(
        workload=job.workload,
        runs=runs,
        pods=job.pods,
        ran_seconds=int(job.ran_seconds),
        remaining_hours=job.left_hours,
        next_start=rfc3339(hour + starts * _HOUR) if starts is not None else "",
        complete_by=rfc3339(job.complete_by) if job.complete_by else "",
        reason=reason,
    )
    return ceiling_of(job, runs=runs, reason=reason), advice


def _when(job: Deferrable, plan: JobPlan | None) -> tuple[bool, str, int | None]:
    """Returns whether it runs now, why, and in how many hours it starts; None where nobody knows."""
    if plan is None:
        return True, job.problem, 0
    if not job.left_hours:
        return True, "it has had the hours that it asked for and is not done: it runs on", 0
    reason = _WORDS[plan.reason]
    at_risk = plan.reason is Reason.DEADLINE_AT_RISK
    if 0 in plan.hours or at_risk:
        return True, reason, 0
    return False, reason, plan.hours[0] if plan.hours else None
