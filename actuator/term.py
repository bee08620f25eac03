"""One term of a leader: catch up, shut the predecessor out, then a round at every change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from actuator.audit.journal import Journal
from actuator.audit.keeper import RecordKeeper
from actuator.audit.teller import Teller
from actuator.conductor import Conductor, Tools
from actuator.config import ActuatorSettings
from actuator.gate.mode import domain_refusal
from actuator.input.moves import MovesView
from actuator.input.picture import Assumptions, Picture, ledger_view
from actuator.input.sources import Sources
from actuator.ladder.action import Rung
from actuator.ledger.ledger import Ledger
from actuator.ledger.scene import Scene
from actuator.ledger.views import LedgerView
from actuator.ledger.writes import (
    CreateFrequencies,
    FinishRelease,
    Outcome,
    Write,
    WriteBudget,
    WriteEnforcement,
)
from actuator.levers.hot_nodes import HotNodes
from actuator.levers.movers import Mover
from actuator.levers.place_store import PlaceStore
from actuator.levers.registry import levers
from actuator.logic.conditions import domain_conditions
from actuator.logic.finalizers import domains_in_use
from actuator.logic.loadtarget import load_target_condition
from actuator.logic.setpoints import SetPoints, fold_set_points
from actuator.output.bodies import budget_body, conditions_body, enforcement_body, finalizer_body
from actuator.output.metrics import ActuatorMetrics
from actuator.output.narrator import Narrator
from actuator.output.points import PointsKeeper
from actuator.output.writer import Writer
from actuator.scaling.announce import Announcer
from actuator.scaling.reconcile import Gate, ScalingKeeper
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import Condition, find_condition, set_condition
from common.api.names import FINALIZER_RELEASE
from common.clock import Clock
from common.kube.client import Client
from common.kube.election import Leadership

log = logging.getLogger(__name__)

SHORTEST_ROUND_SECONDS = 0.05
"""Changes that come this close together are looked at in one round."""


class Term:
    """Runs rounds while the leadership is valid. Everything that it remembers ends with it."""

    def __init__(
        self,
        client: Client,
        sources: Sources,
        settings: ActuatorSettings,
        metrics: ActuatorMetrics,
        narrator: Narrator,
        clock: Clock,
    ) -> None:
        self._client = client
        self._sources = sources
        self._settings = settings
        self._metrics = metrics
        self._narrator = narrator
        self._clock = clock
        self._wake = asyncio.Event()
        self._ledger = Ledger(settings.ledger())
        self._leadership: Leadership | None = None
        self._points = PointsKeeper()
        self._assumed = Assumptions(settings.unknown_gpu_node_watts, settings.unknown_cpu_node_watts)
        self._writer = Writer(
            client,
            metrics,
            parallel=settings.parallel_writes,
            dry_run=settings.dry_run,
            may_write=self._may_write,
        )
        self._journal = Journal()
        self._ceilings = ScalingKeeper(
            client,
            sources.scaling,
            Announcer(metrics.ceilings, narrator.events, self._journal),
            Gate(settings.gate(), settings.namespace),
            self._may_change,
        )
        store = PlaceStore(client, settings.placeholder_image, settings.places_namespace)
        self._teller = Teller(narrator.events, metrics.ladder)
        self._levers = levers(client, self._may_write, store, settings.migration())
        evict = self._levers[Rung.EVICT]
        self._mover = Mover(client, store, evict, MovesView(sources), self._teller, self._may_change)
        self._hot = HotNodes(
            client,
            sources.picture,
            settings.hot(),
            self._may_change,
            enabled=settings.taint_hot_nodes,
        )
        self._conductor = Conductor(self._tools(), settings)

    def wake(self) -> None:
        """Asks for a round."""
        self._wake.set()

    async def run(self, leadership: Leadership) -> None:
        """Leads until cancelled; with ``once``, for one round.

        Raises:
            TimeoutError: The caches did not catch up.
            KubeError: The epoch could not be raised.
        """
        self._leadership = leadership
        await self._sources.catch_up(self._settings.catch_up_seconds)
        await self._claim(leadership, self._sources.picture())
        beside = [asyncio.create_task(self._ceilings.run())]
        if not self._settings.once:  # a single look cannot tell whether lower rungs cure a breach
            beside.append(asyncio.create_task(self._conductor.run()))
            beside.append(asyncio.create_task(self._mover.run()))
            beside.append(asyncio.create_task(self._hot.run()))
        try:
            while True:
                self._wake.clear()
                took = self._round_safely(leadership.epoch)
                if self._settings.once:
                    return
                await asyncio.sleep(max(SHORTEST_ROUND_SECONDS, took))
                await self._pause()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await (self._writer.drain() if self._settings.once else self._writer.cancel())

    def _tools(self) -> Tools:
        return Tools(
            client=self._client,
            sources=self._sources,
            workloads=self._sources.workloads,
            keeper=RecordKeeper(self._client, self._settings.namespace),
            levers=self._levers,
            teller=self._teller,
            metrics=self._metrics.ladder,
            clock=self._clock,
            moved=self._mover.ended,
            journal=self._journal,
        )

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._settings.tick_seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _claim(self, leadership: Leadership, picture: Picture) -> None:
        """Makes sure that no object out there bears this epoch, or a later one, already."""
        highest = max(_epochs(picture), default=0)
        if highest >= leadership.epoch:
            await leadership.raise_epoch(highest + 1)
        self._metrics.epoch.set(leadership.epoch)

    def _may_write(self) -> bool:
        return self._leadership is not None and self._leadership.valid()

    def _may_change(self) -> bool:
        return self._may_write() and not self._settings.dry_run

    def _now(self) -> datetime:
        """Returns the API server's time: heartbeats are compared with it (rule 6)."""
        return self._clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)

    def _round_safely(self, epoch: int) -> float:
        """Does a round; returns the seconds that it took, so that as much is left for everything else."""
        started = self._clock.monotonic()
        try:
            with self._metrics.rounds.time():
                self._round(epoch)
        except Exception as error:  # one broken round must not end the heartbeats
            self._metrics.errors.labels(type(error).__name__).inc()
            log.exception("a round failed")
        return self._clock.monotonic() - started

    def _round(self, epoch: int) -> None:
        now, picture = self._now(), self._sources.picture()
        view = ledger_view(picture, self._assumed, epoch, now)
        self._ledger.record_observed(view)
        scene = self._ledger.scene(view, picture.targets())
        self._metrics.show(scene)
        conditions = self._conditions(picture, scene, now)
        writes = self._ledger.writes(scene, now, _restated(picture, conditions))
        writes = [write for write in writes if not self._writer.is_busy(_key(write))]
        self._narrator.tell(picture, scene, writes)
        self._narrator.tell_load_targets(picture, conditions)
        points = fold_set_points(picture.policies, picture.objects.values(), picture.paused_namespaces)
        for write in writes:
            self._send(picture, write, points, conditions)
        self._tend_domains(picture, view, conditions)
        self._tend_points(picture, points)
        self._ceilings.tend(picture.policies, picture.paused_namespaces)

    def _conditions(self, picture: Picture, scene: Scene, now: datetime) -> dict[str, list[Condition]]:
        found = {}
        for name, view in scene.view.domains.items():
            domain = picture.domains[name]
            refusal = None if view.enforced else domain_refusal(domain, view.cap_watts or None)
            conditions = domain_conditions(scene, view, refusal, picture.problems(name))
            booked = scene.books.reserved_total[name]
            target = (
                load_target_condition(domain.spec, view.cap_watts, booked, now) if view.enforced else None
            )
            found[name] = _dated(domain, [*conditions, *filter(None, [target])], now)
        return found

    def _send(
        self,
        picture: Picture,
        write: Write,
        points: dict[str, SetPoints],
        conditions: dict[str, list[Condition]],
    ) -> None:
        self._ledger.record_sent(write)

        def answered(outcome: Outcome) -> None:
            self._ledger.record_answered(write, outcome)

        writer = self._writer
        match write:
            case CreateFrequencies():
                writer.send(_key(write), lambda: writer.create(write.node), answered)
            case WriteBudget():
                body = budget_body(write, points.get(write.node, SetPoints()))
                writer.send(_key(write), lambda: writer.apply(NODE_FREQUENCIES, body), answered)
            case WriteEnforcement():
                status = enforcement_body(write, conditions[write.domain])
                writer.send(_key(write), lambda: writer.apply(POWER_DOMAINS, status, "status"), answered)
            case FinishRelease():
                item = picture.objects[write.node]
                if points.get(write.node) and not item.metadata.deletion_timestamp:
                    self._points.without_budget(writer, item, points[write.node], answered)
                else:
                    writer.send(_key(write), lambda: writer.dismiss(item), answered)

    def _tend_domains(
        self, picture: Picture, view: LedgerView, conditions: dict[str, list[Condition]]
    ) -> None:
        """Finalizers of all domains, and the status of those whose cap is not held."""
        used = domains_in_use(view)
        for name, domain in picture.domains.items():
            if self._writer.is_busy(f"{POWER_DOMAINS.plural}/{name}"):
                continue
            holds = FINALIZER_RELEASE in domain.metadata.finalizers
            wanted = name in used and (holds or not domain.metadata.deletion_timestamp)
            stale = _differs(domain, conditions[name]) or domain.status.enforcement is not None
            if holds != wanted:
                self._apply_domain(domain, finalizer_body(domain.metadata, held=wanted))
            elif stale and not view.domains[name].enforced:
                self._apply_domain(domain, conditions_body(domain.metadata, conditions[name]), "status")

    def _apply_domain(self, domain: PowerDomain, body: dict[str, Any], subresource: str = "") -> None:
        key = f"{POWER_DOMAINS.plural}/{domain.name}"
        self._writer.send(key, lambda: self._writer.apply(POWER_DOMAINS, body, subresource))

    def _tend_points(self, picture: Picture, points: dict[str, SetPoints]) -> None:
        for name in sorted({*points, *picture.objects}):
            if name in picture.nodes or name in picture.objects:
                self._points.tend(self._writer, name, picture.objects.get(name), points.get(name))


def _key(write: Write) -> str:
    if isinstance(write, WriteEnforcement):
        return f"{POWER_DOMAINS.plural}/{write.domain}"
    return f"{NODE_FREQUENCIES.plural}/{write.node}"


def _epochs(picture: Picture) -> Iterable[int]:
    for item in picture.objects.values():
        if item.spec.power_budget is not None:
            yield item.spec.power_budget.leader_epoch
    for domain in picture.domains.values():
        if domain.status.enforcement is not None:
            yield domain.status.enforcement.leader_epoch


def _dated(domain: PowerDomain, conditions: list[Condition], now: datetime) -> list[Condition]:
    """Gives each condition the time of its last transition, and nothing of what others wrote."""
    dated = []
    for bare in conditions:
        condition = replace(bare, observed_generation=domain.metadata.generation)
        found = set_condition(domain.status.conditions, condition, now)
        dated.append(next(one for one in found if one.type == condition.type))
    return dated


def _differs(domain: PowerDomain, conditions: list[Condition]) -> bool:
    """Whether status, reason or generation has changed; a new figure in a message waits for the heartbeat."""
    for condition in conditions:
        live = find_condition(domain.status.conditions, condition.type)
        if live is None or _verdict(live) != _verdict(condition):
            return True
    return False


def _verdict(condition: Condition) -> tuple[str, str, int]:
    return (condition.status, condition.reason, condition.observed_generation)


def _restated(picture: Picture, conditions: dict[str, list[Condition]]) -> frozenset[str]:
    return frozenset(name for name, found in conditions.items() if _differs(picture.domains[name], found))
