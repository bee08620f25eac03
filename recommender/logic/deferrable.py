"""Jobs that may wait, as their annotations say: what is left of them, by when, and at how many watts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from common.api.batch import LABEL_QUEUE, Job
from common.api.names import ANNOTATION_CEILING, ANNOTATION_COMPLETE_BY, ANNOTATION_RUN_HOURS
from common.api.policy import ReplicaAdvice, ScheduleAdvice
from common.grid.outlook import hour_of
from recommender.logic.shifting import DeferrableJob

MOST_HOURS = 168
"""Deadlines beyond a week are met within it: forecasts do not reach so far."""
_HOUR_SECONDS = 3600.0


@dataclass(frozen=True)
class Deferrable:
    """A Job that may wait.

    Attributes:
        workload: ``Job/name``.
        pods: At once, when it runs.
        watts: Of one pod.
        complete_by: Its deadline.
        run_seconds: It needs altogether.
        ran_seconds: It has run.
        problem: What is wrong with its annotations, with the remedy; such a Job is not shifted.
    """

    workload: str
    pods: int
    watts: int
    complete_by: datetime | None
    run_seconds: float
    ran_seconds: float
    problem: str = ""

    @property
    def left_hours(self) -> int:
        """Whole hours of running that are left."""
        return max(0, math.ceil((self.run_seconds - self.ran_seconds) / _HOUR_SECONDS))

    def in_hours(self, now: datetime) -> DeferrableJob:
        """Returns it for the scheduler, in hours of the clock; the present one counts as the first."""
        assert self.complete_by is not None
        start = hour_of(now)
        until = int((self.complete_by - start).total_seconds() // _HOUR_SECONDS)
        return DeferrableJob(
            self.workload, self.left_hours, min(max(until, 0), MOST_HOURS), float(self.pods * self.watts)
        )


def is_deferrable(job: Job) -> bool:
    """Whether a person says that a Job may wait; one that is done or in a queue of Kueue's is left alone."""
    annotations = job.metadata.annotations
    named = ANNOTATION_COMPLETE_BY in annotations or ANNOTATION_RUN_HOURS in annotations
    return named and not job.status.completion_time and LABEL_QUEUE not in job.metadata.labels


def read_job(job: Job, watts: int, ran_seconds: float, schedule: Mapping[str, ScheduleAdvice]) -> Deferrable:
    """Reads a Job; while a ceiling of ours is on it, its pods at once are as they were told before.

    Args:
        job: The Job.
        watts: Of one pod.
        ran_seconds: It has run so far.
        schedule: What the policy's status tells now, by workload.
    """
    workload = f"Job/{job.name}"
    before = schedule.get(workload)
    pods = 1 if job.spec.parallelism is None else job.spec.parallelism
    if ANNOTATION_CEILING in job.metadata.annotations and before is not None:
        pods = max(pods, before.pods)
    complete_by, hours, problem = _annotations(job)
    return Deferrable(workload, pods, watts, complete_by, hours * _HOUR_SECONDS, ran_seconds, problem)


def ceiling_of(job: Deferrable, *, runs: bool, reason: str) -> ReplicaAdvice:
    """Returns the ceiling of a Job in the present hour."""
    return ReplicaAdvice(job.workload, job.pods if runs else 0, job.watts, reason)


def _annotations(job: Job) -> tuple[datetime | None, float, str]:
    texts = job.metadata.annotations
    by, hours = texts.get(ANNOTATION_COMPLETE_BY, ""), texts.get(ANNOTATION_RUN_HOURS, "")
    complete_by = _deadline(by)
    if complete_by is None:
        text = f"annotation {ANNOTATION_COMPLETE_BY}: {by!r} is no time like 2026-03-01T06:00:00Z"
        return None, 0.0, f"{text}; the Job runs at once"
    try:
        needed = float(hours)
    except ValueError:
        needed = math.nan
    if not 0 < needed <= MOST_HOURS:
        text = f"annotation {ANNOTATION_RUN_HOURS}: {hours!r} is no number of hours up to {MOST_HOURS}"
        return None, 0.0, f"{text}; the Job runs at once"
    return complete_by, needed, ""


def _deadline(text: str) -> datetime | None:
    """Returns a moment; None for what is none, and without a zone: it would be somebody's, and a guess."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
