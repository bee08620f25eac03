"""What a new reading teaches: forecasts, usage of containers, watts by load, and how good all of it was."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from common.api.meta import object_key
from common.api.policy import PowerCappingPolicy
from common.domains.tree import DomainTree
from common.telemetry.load import LoadTable
from recommender.logic.boards import held_pods, pod_ceiling_watts
from recommender.logic.facts import PolicyFacts
from recommender.logic.power import PowerLesson, Running, kinds_of, learn_power
from recommender.logic.series import levels
from recommender.logic.slowdowns import NO_FLOORS, SlowdownFloors, slowdown_floors
from recommender.logic.workload_boards import phases_of, workload_boards
from recommender.model.memory import Memory
from recommender.model.names import domain_series
from recommender.model.slowdown_check import SlowdownCheck
from recommender.model.telemetry import TelemetryState
from recommender.model.usage import ContainerKey
from recommender.model.world import World
from recommender.output.forecasts import ForecastPage
from recommender.output.metrics import RecommenderMetrics
from recommender.output.quality import QualityMetrics


class Learner:
    """Turns readings into memory."""

    def __init__(self, memory: Memory, metrics: RecommenderMetrics, lock: threading.RLock) -> None:
        self._memory = memory
        self._metrics = metrics
        self._quality = QualityMetrics(metrics.registry)
        self._check = SlowdownCheck(memory.slowdowns)
        self._forecasts = ForecastPage()
        metrics.registry.register(self._forecasts)
        self._lock = lock

    def learn(self, world: World, tree: DomainTree, telemetry: TelemetryState, load: LoadTable) -> None:
        """Learns from a new reading."""
        at = telemetry.at
        present = levels(world, tree, telemetry, tokens_of(load))
        self._memory.forecaster.observe(at, present)
        with self._lock:
            self._memory.rises.observe(at, _oversubscribed(tree, present))
        kinds = kinds_of(world.pods, world.nodes)
        held = held_pods(telemetry.draws, telemetry.boards)
        with self._lock:
            lesson = self._learn_power(at, world, telemetry, Running(kinds, held, {}), load)
            self._note_kinds(world, kinds)
        with self._lock:
            self._memory.usage.observe(at, world.pods, telemetry.draws, held, lesson.uncapped)
        with self._lock:
            self._score(at, present)
        self._quality.show_power(lesson.errors)
        for error in self._check.observe(world.pods, telemetry.draws, telemetry.boards, load):
            self._quality.show_slowdown(error)
        self._quality.show_forecasts(self._memory.forecaster.skill.totals)
        self._forecasts.show(present, self._memory.forecaster)

    def slowdown_floors(
        self, policy: PowerCappingPolicy, facts: PolicyFacts, telemetry: TelemetryState, load: LoadTable
    ) -> SlowdownFloors:
        """Returns what ``maxSlowdownPercent`` asks for a policy's GPUs; the caller holds the lock."""
        if policy.spec.max_slowdown_percent is None:
            return NO_FLOORS
        workloads = workload_boards(facts, telemetry, self._memory.usage, phases_of(load))
        return slowdown_floors(policy.spec, workloads, self._memory.slowdowns)

    def _learn_power(
        self, at: float, world: World, telemetry: TelemetryState, running: Running, load: LoadTable
    ) -> PowerLesson:
        if not len(load):
            return PowerLesson({}, {})
        served = {object_key(server.pod, server.namespace) for server in load.servers}
        ceilings = {
            pod.key: pod_ceiling_watts(pod, telemetry.known, world.nodes, telemetry.boards)
            for pod in world.pods
            if pod.key in served
        }
        full = Running(running.kinds, running.held, ceilings)
        return learn_power(self._memory.power, at, full, load, telemetry.draws)

    def _note_kinds(self, world: World, kinds: Mapping[str, str]) -> None:
        usage = self._memory.usage
        found = {
            ContainerKey(pod.namespace, pod.workload, pod.gpu_container): kinds[pod.key]
            for pod in world.pods
            if pod.key in kinds
        }
        for key, kind in found.items():
            usage.is_of_kind(key, kind)
        usage.only_kinds_of(found)

    def _score(self, at: float, present: Mapping[str, float]) -> None:
        for series, watts in present.items():
            for verdict in self._memory.score.measured(series, at, watts):
                self._metrics.forecast_checked.inc()
                self._metrics.forecast_error.observe(verdict.error_ratio)
                self._metrics.forecast_exceeded.inc(verdict.exceeded)
                self._quality.show_breach(verdict)
        self._memory.score.forget(set(present))


def _oversubscribed(tree: DomainTree, present: Mapping[str, float]) -> dict[str, float]:
    """Returns the draw of the domains that ask what may be promised beyond their caps."""
    asking = (name for name, domain in tree.domains.items() if domain.spec.oversubscription is not None)
    return {name: present[domain_series(name)] for name in asking if domain_series(name) in present}


def tokens_of(load: LoadTable) -> dict[str, float]:
    """Returns the tokens generated per second by pod key; several models of a pod are added up."""
    found: dict[str, float] = defaultdict(float)
    for server, tokens in zip(load.servers, load.generated_per_second.tolist(), strict=True):
        if np.isfinite(tokens):
            found[object_key(server.pod, server.namespace)] += tokens
    return dict(found)
