"""What the planner does through the day: its own solver, forecasts, models and transitions.

Every 15 s it sees what Prometheus would tell of the last minute (tokens, requests, watts), every ten minutes
the load of the window that ended, every five minutes it plans, and every step it goes on towards the plan:
limits are lowered and ceilings set as the actuator's transition rules allow, and raised when there is room.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.day.approach import approach
from benchmarks.day.load import WINDOW_SECONDS, DayLoad
from benchmarks.day.pool import Pool, Served
from benchmarks.day.replay import Controller
from common.models.forecast import ForecastSettings, LoadForecaster
from common.models.serving import ReplicaModel, ReplicaSamples, learn_replica
from recommender.planner.observe import Sample
from recommender.planner.plan import CapTooLowError, Plan, make_plan
from recommender.planner.service_state import ServiceKey, ServiceState, Weights

_SAMPLE_SECONDS, _PLAN_SECONDS, _RATE_SECONDS = 15.0, 300.0, 60.0
_SAMPLES = 240
_ROOM_SECONDS = 60.0
"""Deferrable work is begun when its room has been free for so long: pods need half of it to end."""
_COUNTS = round(_RATE_SECONDS / _SAMPLE_SECONDS)
_LOAD_SHARE = 0.95
"""Load is planned for at this quantile, as watts are."""
_TAKE_OVER_SECONDS = -600.0
"""Before midnight the planner takes over, so that the day does not begin with the step to its first plan."""
_SPEEDS = (1.0,)
"""Limits hold the watts; nothing locks clocks here."""
_NAMESPACE = "default"


@dataclass(frozen=True)
class Ahead:
    """What the planner is told of an hour: watts for inference, price and carbon as forecast."""

    cap_watts: float
    usd_per_kwh: float
    gco2_per_kwh: float


@dataclass
class _View:
    """Of one pool: the last minute step by step, replicas at the last samples, an hour of samples."""

    recent: deque[Served]
    counts: deque[int]
    samples: deque[Sample]
    present: Sample | None = None
    model: ReplicaModel | None = None


class Planned:
    """Plans for all pools together.

    Args:
        load: The day; looked at only where it has passed.
        hours: What holds in each hour of the day; the first also in the hour before.
        most_replicas: Of each service.
        before: Who acts in the hour before midnight, in most of which the planner only looks.
    """

    def __init__(self, load: DayLoad, hours: Sequence[Ahead], most_replicas: int, before: Controller) -> None:
        self._before = before
        self._load = load
        self._hours = hours
        self._most = most_replicas
        self._forecaster = LoadForecaster(load.history, ForecastSettings(upper_share=_LOAD_SHARE))
        self._taken = 0
        count = round(_RATE_SECONDS / load.dt)
        self._views = [
            _View(deque(maxlen=count), deque(maxlen=_COUNTS), deque(maxlen=_SAMPLES)) for _ in load.history
        ]
        self._next_sample = self._next_plan = -math.inf
        self._cap_watts = math.inf
        self.plan: Plan | None = None
        self.plans = 0

    def act(self, now: float, pools: Sequence[Pool], served: Sequence[Served]) -> None:
        """Looks, plans where it is time, and goes on towards the plan."""
        for view, one in zip(self._views, served, strict=True):
            view.recent.append(one)
        if now >= self._next_sample:
            self._next_sample = now + _SAMPLE_SECONDS
            self._sample(pools)
        self._follow_windows(now)
        if now < _TAKE_OVER_SECONDS:
            self._before.act(now, pools, served)
            return
        ahead = self._ahead(now)
        if now >= self._next_plan or ahead.cap_watts < self._cap_watts:
            self._next_plan = now + _PLAN_SECONDS
            self._cap_watts = ahead.cap_watts
            self._make(pools, ahead)
        if self.plan is not None:
            approach(self.plan, self._cap_watts, pools)

    def _ahead(self, now: float) -> Ahead:
        """Returns what holds now, but for a cap that is about to fall: room is made before it does."""
        present, coming = (
            self._hours[min(23, max(0, int(at // 3600.0)))] for at in (now, now + _ROOM_SECONDS)
        )
        return replace(present, cap_watts=min(present.cap_watts, coming.cap_watts))

    def _sample(self, pools: Sequence[Pool]) -> None:
        for view, pool in zip(self._views, pools, strict=True):
            tokens, running, watts = np.mean(
                [(one.tokens, one.running, one.watts) for one in view.recent], axis=0
            ).tolist()
            view.present = Sample(pool.ready, tokens / self._load.dt, running, pool.waiting, watts)
            view.counts.append(pool.ready if pool.alive == pool.ready else 0)
            if min(view.counts) == max(view.counts) > 0:
                # Rates over a minute are told of pods that served all of it.
                view.samples.append(view.present)

    def _follow_windows(self, now: float) -> None:
        ended = int((now + 3600.0) // WINDOW_SECONDS)
        while self._taken < min(ended, self._load.windows.shape[1]):
            self._forecaster.observe(self._load.windows[:, self._taken])
            self._taken += 1

    def _make(self, pools: Sequence[Pool], ahead: Ahead) -> None:
        upper = self._forecaster.forecast().upper[:, 0]
        states = [
            self._state(view, pool, rate) for view, pool, rate in zip(self._views, pools, upper, strict=True)
        ]
        weights = Weights(
            usd_per_kwh=ahead.usd_per_kwh, gco2_per_kwh=ahead.gco2_per_kwh,
            watts_per_usd_hour=1000.0, watts_per_gco2_hour=0.08,
            start_seconds=max(pool.kind.load_seconds for pool in pools),
        )  # fmt: skip
        try:
            self.plan = make_plan(states, ahead.cap_watts, weights)
        except CapTooLowError:
            return
        self.plans += 1

    def _state(self, view: _View, pool: Pool, upper_rate: float) -> ServiceState:
        kind = pool.kind
        model = learnt(view.samples) or view.model
        view.model = model
        demand = view.present.demand if view.present else 0.0
        return ServiceState(
            key=ServiceKey(_NAMESPACE, kind.name),
            replicas=pool.bound,
            least_replicas=1,
            most_replicas=self._most,
            priority=kind.priority,
            target_seconds=kind.target_seconds,
            tokens_per_second=max(demand, float(upper_rate) * kind.output_tokens),
            model=model,
            nameplate_watts=kind.server.provisioned_watts,
            speeds=_SPEEDS,
        )


def learnt(samples: Sequence[Sample]) -> ReplicaModel | None:
    """Returns the model of one replica from samples of a service, as the planner learns it."""
    if not samples:
        return None
    rows = [(one.running, one.tokens_per_second, one.watts, one.replicas) for one in samples]
    running, tokens, watts, replicas = np.array(rows, dtype=np.float64).T
    return learn_replica(ReplicaSamples(running / replicas, tokens / replicas, watts / replicas))
