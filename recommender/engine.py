"""The cycle as steps: view, attribute, learn, divide; then one status at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from common.api.domain import PowerDomain
from common.api.plan import PlanSpec, PlanStatus
from common.api.policy import PolicyStatus, PowerCappingPolicy
from common.domains.last_valid import TreeKeeper
from common.domains.tree import DomainTree
from common.telemetry.load import LoadTable
from recommender.attributor import Attributor
from recommender.fleet import Fleet, Scene
from recommender.input.history import CapHistories
from recommender.input.loads import NO_LOAD
from recommender.input.meter import PowerMeter
from recommender.learn import Learner
from recommender.logic.deferred import NOTHING_DEFERRED
from recommender.logic.division import Division
from recommender.logic.domain_advice import NO_WARMTH, advise_domain, feel_warmth, with_promise
from recommender.logic.domain_status import domain_draw
from recommender.logic.domains import DomainReport, broken_domain, node_needs, plan_domains, report_domain
from recommender.logic.expectation import told_breach
from recommender.logic.facts import Crowding, PolicyFacts, Rival, gather_facts
from recommender.logic.former import former_limits
from recommender.logic.overlaps import Overlaps, crowded_guarantees, find_overlaps
from recommender.logic.plans import make_empty_shards
from recommender.logic.policy_status import advised_settings, policy_status
from recommender.model.draws import Draws
from recommender.model.efficiency import Efficiency
from recommender.model.memory import Memory
from recommender.model.names import policy_series
from recommender.model.telemetry import TelemetryState
from recommender.model.world import Objects, PodViews, view_world
from recommender.output.metrics import RecommenderMetrics
from recommender.shifter import Shifter

log = logging.getLogger(__name__)

_OLDEST_PICTURE_SECONDS = 60.0
"""Cycles take seconds; by then most sources' own age limits are over."""

PlanDraft = tuple[str, PlanSpec, PlanStatus]


class Engine:
    """Holds the last picture of the world, and decides on it.

    ``refresh`` makes a new picture; the other methods answer from the last one, so that a change of one
    policy is answered at once, however long a reading or a full cycle takes. A cycle may therefore run in a
    thread of its own: it publishes whole pictures, and holds the lock only while it touches the memory.
    """

    def __init__(self, meter: PowerMeter, metrics: RecommenderMetrics, memory: Memory) -> None:
        self.telemetry = TelemetryState()
        self.histories: CapHistories = {}
        self.load: LoadTable = NO_LOAD
        self._metrics = metrics
        self._memory = memory
        self._lock = threading.RLock()
        self.learner = Learner(memory, metrics, self._lock)
        self.fleet: Fleet | None = None
        self.shifter: Shifter | None = None
        self._attributor = Attributor(meter, metrics)
        self._pods = PodViews()
        self._efficiency = Efficiency()
        self._world = view_world(Objects(), datetime.min, self._pods)
        self._keeper = TreeKeeper()
        self._tree: DomainTree = self._keeper.build((), {})
        self._division: Division | None = None
        self._warmth = NO_WARMTH
        self._plans: list[PlanDraft] = []
        self._overlaps: Overlaps = {}
        self._crowded: Mapping[str, Crowding] = {}

    async def cycle_beside(self, objects: Objects, now: datetime) -> None:
        """Makes a new picture in a thread, so that what people change meanwhile is answered at once."""
        await asyncio.to_thread(self.cycle, objects, now)

    def cycle(self, objects: Objects, now: datetime) -> None:
        """Makes a new picture, divides the caps and plans; a step that fails leaves what it made last."""
        self._metrics.objects.labels("policy").set(len(objects.policies))
        self._metrics.objects.labels("domain").set(len(objects.domains))
        for step in (lambda: self.refresh(objects, now), self.divide, self._plan):
            self._try(step, now)

    def refresh(self, objects: Objects, now: datetime) -> None:
        """Makes a new picture of the world; learns from a reading that is new."""
        with self._metrics.step("view"):
            world = view_world(objects, now, self._pods)
            labels = {name: view.labels for name, view in world.nodes.items()}
            with self._lock:
                self._world, self._tree = world, self._keeper.build(world.domains, labels)
        with self._metrics.step("attribute"):
            self.telemetry, is_new = self._attributor.attribute(self._world, now)
            if self.shifter is not None:
                with self._lock:
                    self.shifter.observe(self._world, self.telemetry, now)
            self._overlaps = find_overlaps(self._world, self.telemetry)
        with self._metrics.step("learn"):
            if is_new:
                self._try(self._learn, now)

    def divide(self) -> None:
        """Divides the caps over the tree anew."""
        with self._metrics.step("divide"):
            with self._lock:
                tree, world = self._tree, self._world
            decided = self._division.given if self._division else {}
            with self._lock:
                outlook = self._memory.forecaster.outlook
                needs = node_needs(tree, world, self.telemetry, outlook, decided)
            division, drafts = plan_domains(tree, world, needs)
            empty = make_empty_shards(world.plans.values(), tree, {name for name, _, _ in drafts})
            self._division, self._plans = division, [*drafts, *empty]
            self._warmth = feel_warmth(tree, world, self.telemetry)
            self._crowded = crowded_guarantees(world, tree, division.caps)

    def _plan(self) -> None:
        """Plans the replicas of all services; a failure leaves the last plan in place."""
        fleet = self.fleet
        if fleet is None or not fleet.ceilings:
            return
        with self._metrics.step("plan"):
            every = [self._facts(policy, self.telemetry) for policy in self._world.policies.values()]
            scene = Scene(self._world, self._tree, self.caps, self.telemetry)
            fleet.plan(every, scene, self._memory.forecaster.outlook)

    def with_domains(self, objects: Objects, now: datetime) -> None:
        """Takes over changed domains, and divides at once; a failure leaves the last division in place."""
        fresh = view_world(Objects(domains=objects.domains, plans=objects.plans), now, PodViews())

        def take_over() -> None:
            with self._lock:
                self._world = replace(self._world, now=now, domains=fresh.domains, plans=fresh.plans)
                labels = {name: view.labels for name, view in self._world.nodes.items()}
                self._tree = self._keeper.build(fresh.domains, labels)
            self.divide()

        self._try(take_over, now)

    @property
    def plans(self) -> list[PlanDraft]:
        """Name, spec and status of every plan that follows from the last division."""
        return self._plans

    @property
    def caps(self) -> Mapping[str, int]:
        """Effective cap by domain, of those that have one."""
        return self._division.caps if self._division else {}

    def report(self, domain: PowerDomain) -> DomainReport | None:
        """Works out a domain's status; None before anything was divided."""
        if self._division is None:
            return None
        if domain.name not in self._tree.domains:
            return broken_domain(domain, self._tree.problems.get(domain.name, ()), self._world.now)
        with self._lock:
            outlooks = self._memory.forecaster.outlook
            report = report_domain(
                self._tree, domain.name, self._world, self.telemetry, self._division, outlooks
            )
        return self._promised(
            advise_domain(report, domain, self._tree, self._warmth, self._world.now), domain
        )

    def _promised(self, report: DomainReport, domain: PowerDomain) -> DomainReport:
        spec = domain.spec.oversubscription
        if spec is None:
            return report
        draw = domain_draw(self._tree, domain.name, self._world.nodes, self.telemetry)
        seen = self._memory.rises.of(domain.name)
        return with_promise(report, spec, seen, self.caps.get(domain.name), draw.nameplate_watts)

    def advise(self, policy: PowerCappingPolicy, now: datetime) -> tuple[PolicyFacts, PolicyStatus]:
        """Works out a policy's status, as the policy is now."""
        telemetry = self.telemetry
        facts = self._facts(policy, telemetry)
        settings = advised_settings(facts)  # without the lock: an algorithm may take its time
        with self._lock:
            status = policy_status(facts, settings, telemetry, self._memory.usage, now)
            self._note_prediction(policy, status)
        return facts, status

    def _facts(self, policy: PowerCappingPolicy, telemetry: TelemetryState) -> PolicyFacts:
        relative = policy.spec.relative_cap
        history = self.histories.get((policy.key, relative.window_seconds)) if relative else None
        with self._lock:
            outlook = self._memory.forecaster.outlook(policy_series(policy.key))
            facts = gather_facts(policy, self._world, self._tree, telemetry, outlook, history)
            spent = self._efficiency.of(pod.key for pod in facts.pods)
            floors = self.learner.slowdown_floors(policy, facts, telemetry, self.load)
            crowding = self._crowded.get(policy.key)
            planned = self.fleet.planned(facts) if self.fleet else {}
            deferred = self.shifter.deferred(facts, self._world.now) if self.shifter else NOTHING_DEFERRED
            return replace(
                facts, rivals=self._rivals(policy), crowding=crowding, spent=spent, floors=floors,
                planned=planned, deferred=deferred,
            )  # fmt: skip

    def _note_prediction(self, policy: PowerCappingPolicy, status: PolicyStatus) -> None:
        if expected := status.forecast_power:
            self._memory.score.predicted(
                policy_series(policy.key), self.telemetry.at + expected.horizon_seconds,
                expected.median_watts, expected.upper_bound_watts, told_breach(status),
            )  # fmt: skip

    def _rivals(self, policy: PowerCappingPolicy) -> list[Rival]:
        others = self._overlaps.get(policy.key, {})
        known = self._world.policies
        return [
            Rival(key, shared, former_limits(known[key]))
            for key, shared in sorted(others.items())
            if key in known
        ]

    def _try(self, step: Callable[[], None], now: datetime) -> None:
        """Takes a step; one that fails stops none after it."""
        try:
            step()
        except Exception as error:
            self._failed(error, now)

    def _failed(self, error: Exception, now: datetime) -> None:
        """Counts a failure; what was read before failures of a minute says nothing of the present draw."""
        self._metrics.failures.labels("cycle", type(error).__name__).inc()
        log.exception("the cycle failed; the last picture stays")
        if now.timestamp() - self.telemetry.at > _OLDEST_PICTURE_SECONDS:
            text = f"the recommender's cycles fail ({type(error).__name__}: {error}); its log has more"
            self.telemetry = replace(self.telemetry, draws=Draws(), problem=text)

    def _learn(self) -> None:
        self.learner.learn(self._world, self._tree, self.telemetry, self.load)
        with self._lock:
            self._efficiency.observe(self.telemetry.at, self.load, self.telemetry.draws)
            self._metrics.services.figures = self._efficiency.by_service(self._world.pods)
        if self.fleet is not None:
            self.fleet.observe(self._world, self.telemetry, self.load)
