"""What is done for each object: decide, write, count; an error ends with the object that caused it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import NamedTuple

import msgspec

from common.api.policy import PolicyStatus, PowerCappingPolicy
from common.clock import Clock
from common.kube.errors import KubeError
from recommender.engine import Engine
from recommender.input.cluster import Cluster
from recommender.logic.domain_parts import attributed_parts
from recommender.logic.facts import PolicyFacts
from recommender.logic.policy_conditions import failed_conditions
from recommender.logic.policy_status import stamp
from recommender.output.metrics import PowerPage, RecommenderMetrics, SharedWatts
from recommender.output.writer import Writer

log = logging.getLogger(__name__)

KIND_POLICY = "policy"
KIND_DOMAIN = "domain"
KIND_PLAN = "plan"


class Task(NamedTuple):
    """An object to bring up to date."""

    kind: str
    namespace: str
    name: str


class Routine:
    """Brings one object at a time up to date."""

    def __init__(
        self, cluster: Cluster, engine: Engine, writer: Writer, metrics: RecommenderMetrics, clock: Clock
    ) -> None:
        self.page = PowerPage()
        self._cluster = cluster
        self._engine = engine
        self._writer = writer
        self._metrics = metrics
        self._clock = clock

    async def handle(self, task: Task) -> None:
        """Brings an object up to date; one that is gone is left alone.

        Raises:
            KubeError: The API server refused or could not be reached; the queue knows what to do.
        """
        with self._metrics.step(task.kind):
            match task.kind:
                case "policy":
                    written = await self._policy(task)
                case "domain":
                    written = await self._domain(task.name)
                case _:
                    written = await self._plan(task.name)
        if written:
            self._metrics.writes.labels(task.kind).inc()

    async def _policy(self, task: Task) -> bool:
        policy = self._cluster.policies.get(task.name, task.namespace)
        if policy is None or policy.metadata.deletion_timestamp:
            self.page.policies.pop((task.namespace, task.name), None)
            return False
        now = self._clock.now()
        try:
            facts, status = await self._advise(policy, now)
        except Exception as error:  # one bad policy never stops the rest
            self._count(KIND_POLICY, error, policy.key)
            self.page.policies[task.namespace, task.name] = _unmeasured(policy.status.effective_cap_watts)
            return await self._writer.write_policy(policy, _failed(policy, error, now), now)
        self._show_policy(facts, status)
        return await self._writer.write_policy(policy, status, now)

    async def _advise(self, policy: PowerCappingPolicy, now: datetime) -> tuple[PolicyFacts, PolicyStatus]:
        """Works out a status; in a thread where an algorithm is named: a stranger's may be slow."""
        if policy.spec.custom_algorithms:
            return await asyncio.to_thread(self._engine.advise, policy, now)
        return self._engine.advise(policy, now)

    async def _domain(self, name: str) -> bool:
        domain = self._cluster.domains.get(name)
        if domain is None or domain.metadata.deletion_timestamp:
            self.page.domains.pop(name, None)
            return False
        try:
            report = self._engine.report(domain)
        except Exception as error:  # one bad domain never stops the rest
            self._count(KIND_DOMAIN, error, name)
            return False
        if report is None:
            return False
        seen = report.observed
        cap = self._engine.caps.get(name)
        self.page.domains[name] = SharedWatts(
            seen.power_watts, cap, seen.forecast_watts, attributed_parts(seen.attribution)
        )
        return await self._writer.write_domain(domain, report, self._clock.now())

    async def _plan(self, name: str) -> bool:
        draft = next((draft for draft in self._engine.plans if draft[0] == name), None)
        domain = self._cluster.domains.get(draft[1].domain) if draft else None
        if draft is None or domain is None or domain.metadata.deletion_timestamp:
            return False
        return await self._writer.write_plan(self._cluster.plans.get(name), draft, domain, self._clock.now())

    def _show_policy(self, facts: PolicyFacts, status: PolicyStatus) -> None:
        drawn, expected = facts.draw_watts, status.forecast_power
        upper = expected.upper_bound_watts if expected else drawn
        shown = SharedWatts(drawn, facts.cap.watts, upper) if facts.measured else _unmeasured(facts.cap.watts)
        self.page.policies[facts.policy.namespace, facts.policy.name] = shown

    def _count(self, kind: str, error: Exception, name: str) -> None:
        if isinstance(error, KubeError):
            raise error
        self._metrics.failures.labels(kind, type(error).__name__).inc()
        log.exception("no advice could be worked out", extra={"kind": kind, "object": name})


def _failed(policy: PowerCappingPolicy, error: Exception, now: datetime) -> PolicyStatus:
    """Keeps the last advice, since dropping it would lift the limits that rest on it, and its old time."""
    return msgspec.structs.replace(policy.status, conditions=stamp(policy, failed_conditions(error), now))


def _unmeasured(cap_watts: int | None) -> SharedWatts:
    return SharedWatts(None, cap_watts, None)
