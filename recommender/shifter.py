"""Jobs that may wait, from cycle to cycle: what they have run and drawn, what hours cost, when they run."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from common.api.batch import Job
from common.api.policy import PowerCappingPolicy, ScheduleAdvice
from common.api.quantity import whole_number
from common.grid.outlook import hour_of
from common.grid.series import Signal
from recommender.logic.deferrable import MOST_HOURS, Deferrable, is_deferrable, read_job
from recommender.logic.deferred import NOTHING_DEFERRED, Deferred, defer, unstopped
from recommender.logic.facts import PolicyFacts
from recommender.logic.former import former_ceilings
from recommender.logic.shifting import ShiftingWeights
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World

TRAINING = "Training"
MOST_JOBS = 32
"""Of one policy, the oldest: a status has room for 64 ceilings. The others run at once."""
_GPU_RESOURCE = "nvidia.com/gpu"
_LONGEST_STEP_SECONDS = 60.0
"""A longer pause between cycles is no running that anybody has seen."""

Hours = Callable[[Signal, datetime, int], list[float]]


@dataclass(frozen=True)
class JobWatts:
    """What the pod of a Job counts as before it was ever measured: so much, and so much for each GPU."""

    base: float
    each_gpu: float

    def of(self, job: Job) -> int:
        """Returns the watts of one pod."""
        containers = job.spec.template.spec.containers or []
        gpus = sum(whole_number(one.resources.limits.get(_GPU_RESOURCE, "")) or 0 for one in containers)
        return math.ceil(self.base + gpus * self.each_gpu)


@dataclass
class Shifter:
    """Works in the cycle's thread; between cycles what it decided stands.

    Attributes:
        jobs: Returns all Jobs.
        hours: Returns hourly means of a signal of the grid.
        guess: What pods count as that were never measured.
        carbon_price_per_tonne: In the money of the price source; without one, only carbon counts.
    """

    jobs: Callable[[], Iterable[Job]]
    hours: Hours
    guess: JobWatts
    carbon_price_per_tonne: float = 0.0
    _ran: dict[str, float] = field(default_factory=dict)
    _peaks: dict[str, float] = field(default_factory=dict)
    _draws: dict[str, float] = field(default_factory=dict)
    _at: datetime | None = None
    _costs: list[float] = field(default_factory=lambda: [0.0] * MOST_HOURS)
    _by_namespace: dict[str, list[Job]] = field(default_factory=dict)

    def observe(self, world: World, telemetry: TelemetryState, now: datetime) -> None:
        """Notes what runs and draws, and what the next hours cost."""
        found: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs():
            if is_deferrable(job) and not job.metadata.deletion_timestamp:
                found[job.namespace].append(job)
        self._by_namespace = found
        if found:
            self._note(world, telemetry, now)
            self._costs = self._hourly_costs(now)
        self._at = now

    def deferred(self, facts: PolicyFacts, now: datetime) -> Deferred:
        """Returns when the Jobs of a policy for training run, under its cap; nothing for other policies."""
        policy, cap = facts.policy, facts.cap.watts
        if policy.spec.workload_type != TRAINING or cap is None:
            return NOTHING_DEFERRED
        jobs = [job for job in self._by_namespace.get(policy.namespace, ()) if _selects(policy, job)]
        if not jobs:
            return NOTHING_DEFERRED
        before = _former_schedule(policy, jobs)
        chosen = sorted(jobs, key=lambda one: (one.metadata.creation_timestamp, one.name))[:MOST_JOBS]
        read = [self._read(job, policy, before) for job in chosen]
        found = defer(read, self._costs, max(0.0, cap - self._others(facts, read)), now)
        return unstopped(found) if policy.spec.update_policy.min_replicas else found

    def _read(self, job: Job, policy: PowerCappingPolicy, before: dict[str, ScheduleAdvice]) -> Deferrable:
        told = before.get(f"Job/{job.name}")
        ran = self._ran.setdefault(job.metadata.uid, float(told.ran_seconds if told else 0))
        return read_job(job, self._watts(job, policy), ran, before)

    def _watts(self, job: Job, policy: PowerCappingPolicy) -> int:
        """Returns what a pod counts with: the most that was seen, else what was told before, else a guess."""
        if peak := self._peaks.get(job.metadata.uid):
            return math.ceil(peak)
        told = former_ceilings(policy).get(f"Job/{job.name}")
        return (told.watts_per_replica if told else 0) or self.guess.of(job)

    def _others(self, facts: PolicyFacts, jobs: Iterable[Deferrable]) -> float:
        names = {job.workload for job in jobs}
        own = sum(self._draws.get(pod.key, 0.0) for pod in facts.pods if pod.workload in names)
        return max(0.0, facts.draw_watts - own)

    def _note(self, world: World, telemetry: TelemetryState, now: datetime) -> None:
        step = (now - self._at).total_seconds() if self._at is not None else 0.0
        ran = step if 0 < step <= _LONGEST_STEP_SECONDS else 0.0
        self._draws = {key: draw.watts for key, draw in telemetry.draws.pods.items()}
        running: dict[tuple[str, str], list[str]] = defaultdict(list)
        for pod in world.pods:
            running[pod.namespace, pod.workload].append(pod.key)
        alive = [job for jobs in self._by_namespace.values() for job in jobs]
        for job in alive:
            uid, pods = job.metadata.uid, running.get((job.namespace, f"Job/{job.name}"), [])
            if pods and uid in self._ran:
                self._ran[uid] += ran
            watts = max((self._draws.get(pod, 0.0) for pod in pods), default=0.0)
            if watts > 0:
                self._peaks[uid] = max(self._peaks.get(uid, 0.0), watts)
        uids = {job.metadata.uid for job in alive}
        self._ran = {uid: seconds for uid, seconds in self._ran.items() if uid in uids}
        self._peaks = {uid: watts for uid, watts in self._peaks.items() if uid in uids}

    def _hourly_costs(self, now: datetime) -> list[float]:
        start = hour_of(now)
        price = self.hours(Signal.PRICE, start, MOST_HOURS)
        carbon = self.hours(Signal.CARBON_INTENSITY, start, MOST_HOURS)
        priced = any(map(math.isfinite, price))
        weights = ShiftingWeights(float(priced), self.carbon_price_per_tonne if priced else 1.0)
        return list(weights.hourly_costs(price, carbon))


def _former_schedule(policy: PowerCappingPolicy, jobs: Iterable[Job]) -> dict[str, ScheduleAdvice]:
    """Returns what the status tells of Jobs; what it told of one before of the same name does not count."""
    advice, told_at = policy.status.recommendation, policy.status.last_updated
    new = {f"Job/{job.name}" for job in jobs if job.metadata.creation_timestamp >= told_at}
    return {one.workload: one for one in advice.schedule if one.workload not in new} if advice else {}


def _selects(policy: PowerCappingPolicy, job: Job) -> bool:
    return policy.spec.selector.matches(job.spec.template.metadata.labels)
