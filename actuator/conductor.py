"""Conducts the ladder: looks, decides, notes what it is about to do, does it, and notes how it went.

What is done is noted first, in one conditional write for all actions of a round. Whoever comes after a crash
at any point knows all that may have been done, and can only do less than the limits allow.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from actuator.audit.ceilings import with_ceilings
from actuator.audit.desk import RecordDesk
from actuator.audit.entries import Ended, amend, intend, refuse, resolve, settle
from actuator.audit.journal import Journal
from actuator.audit.judging import judge
from actuator.audit.keeper import RecordKeeper
from actuator.audit.metrics import LadderMetrics
from actuator.audit.teller import Teller
from actuator.config import ActuatorSettings
from actuator.gate.policy import Moment
from actuator.gate.webhook import webhook_refusals
from actuator.input.levels import levels
from actuator.input.measured import measured
from actuator.input.picture import Picture
from actuator.input.round import Round
from actuator.input.sources import Sources
from actuator.input.subjects import Subjects
from actuator.input.webhook import WebhookWatch
from actuator.input.workloads import Workloads
from actuator.ladder.action import Lever, Rung
from actuator.ladder.decide import Decided, Taken, decide
from actuator.ladder.scene import Level
from actuator.levers.hands import Hands
from common.api.decisions import Decision, Record
from common.api.policy import LEVER_EVICT, LEVER_MIGRATE, MODE_AUTO
from common.clock import Clock
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tools:
    """What the conductor works with.

    Attributes:
        client: For the time of the API server.
        sources: Policies, domains, nodes.
        workloads: Pods, disruption budgets, the webhook's registration.
        keeper: The record.
        levers: By rung.
        teller: Events and logs.
        metrics: Counters.
        clock: The time.
        moved: Returns the moves that have ended since the last call.
        journal: What was decided about ceilings, for the record.
    """

    client: Client
    sources: Sources
    workloads: Workloads
    keeper: RecordKeeper
    levers: Mapping[Rung, Lever]
    teller: Teller
    metrics: LadderMetrics
    clock: Clock
    moved: Callable[[], Iterable[Ended]] = tuple
    journal: Journal = field(default_factory=Journal)


class Conductor:
    """One term's rounds of the ladder; everything that has to outlive it is in the record."""

    def __init__(self, tools: Tools, settings: ActuatorSettings) -> None:
        self._tools = tools
        self._settings = settings
        self._gate, self._ladder = settings.gate(), settings.ladder()
        self._webhook = WebhookWatch(self._gate.probe_age / 3)
        self._desk = RecordDesk(tools.keeper, tools.clock, dry_run=settings.dry_run)
        self._hands = Hands(tools.levers, self._now)
        self._since: datetime | None = None

    async def run(self) -> None:
        """Does rounds until cancelled; a failed one is logged, counted and followed by the next."""
        while True:
            try:
                with self._tools.metrics.ladder_rounds.time():
                    await self.round()
            except KubeError as error:
                log.warning("the ladder's round was broken off", extra={"error": str(error)})
            except Exception:
                log.exception("a round of the ladder failed")
            await asyncio.sleep(self._settings.ladder_seconds)

    async def round(self) -> None:
        """Does one round.

        Raises:
            KubeError: The record could not be had or written; then nothing was done.
        """
        now, picture = self._now(), self._tools.sources.picture()
        since = self._since = self._since or now
        found = list(levels(picture))
        self._tools.metrics.show(found)
        if _may_stop_pods(picture):
            self._tools.workloads.need()
        if not self._tools.workloads.synced:
            await self._note_ceilings(picture, found, now)
            return
        record = await self._desk.open(since)
        record = with_ceilings(record, self._tools.journal.take())
        record = resolve(record, self._is_gone, now, self._ladder.settling)
        record = amend(record, self._tools.moved())
        record = judge(record, measured(picture, found), now, self._ladder.settling)
        moment = Moment(now, since, self._settings.namespace, picture.paused_namespaces)
        webhook = self._tools.workloads.webhook()
        round_ = Round(picture, self._tools.workloads, record, moment, self._gate, self._ladder, webhook)
        decided = await self._decide(round_, found)
        record = self._tell_refusals(picture, record, decided, now)
        await self._desk.keep(record, decided.stands)
        await self._act(picture, decided)

    async def _decide(self, round_: Round, found: list[Level]) -> Decided:
        watched = [one for one in found if one.excess_watts > 0 or one.subject in self._desk.stands]
        if not watched:
            return Decided()
        general = []
        if any(one.excess_watts > 0 for one in watched):
            await self._webhook.refresh(round_)
            health = self._webhook.health(round_)
            general = list(webhook_refusals(health, self._now(), self._gate.probe_age))
        subjects = Subjects(round_, general)
        counts = subjects.counts(self._hands.backoff.waiting(round_.moment.now))
        return decide(subjects.build(watched), self._desk.stands, round_.moment.now, counts, self._ladder)

    async def _note_ceilings(self, picture: Picture, found: list[Level], now: datetime) -> None:
        """Keeps the record where no policy may stop pods: ceilings are all that there is to note."""
        if not self._tools.journal and not self._desk.held:
            return
        record = await self._desk.open(self._since or now)
        record = with_ceilings(record, self._tools.journal.take())
        record = judge(record, measured(picture, found), now, self._ladder.settling)
        await self._desk.keep(record, self._desk.stands)

    async def _act(self, picture: Picture, decided: Decided) -> None:
        actions = [taken for taken in decided.actions if self._hands.can(taken)]
        for taken in actions:
            self._tools.teller.intended(taken, dry_run=self._settings.dry_run)
        if not actions or self._settings.dry_run:
            return
        now = self._now()  # the webhook may have taken seconds to answer
        await self._desk.note(intend(self._desk.record, actions, now, self._gate.window))
        self._note_delays(actions, now)
        done = await self._hands.take(actions, now)
        self._desk.add(settle(self._desk.record, [outcome for _, outcome in done]))
        self._tools.teller.ended(picture, done)

    def _tell_refusals(self, picture: Picture, record: Record, decided: Decided, now: datetime) -> Record:
        fresh = self._tools.teller.begun(decided.declined)
        self._tools.teller.refusals(picture, fresh)
        return refuse(record, fresh, now)

    def _note_delays(self, actions: list[Taken], now: datetime) -> None:
        for subject in {taken.level.subject for taken in actions}:
            begun = self._desk.stands[subject].begun
            self._tools.metrics.delay.observe((now - begun).total_seconds())

    def _is_gone(self, decision: Decision) -> bool:
        """Whether the pod that a decision was about is gone, or on its way out."""
        _, _, key = decision.target.partition("/")
        namespace, _, name = key.partition("/")
        pod = self._tools.workloads.pod(name, namespace)
        return pod is None or pod.metadata.uid != decision.uid or bool(pod.metadata.deletion_timestamp)

    def _now(self) -> datetime:
        """Returns the API server's time, by which the record and its windows are kept over leaders."""
        offset = self._tools.client.server_clock_offset_seconds
        return self._tools.clock.now() + timedelta(seconds=offset)


def _may_stop_pods(picture: Picture) -> bool:
    """Whether any policy's levers include one that stops pods."""
    updates = (policy.spec.update_policy for policy in picture.policies)
    return any(
        one.update_mode == MODE_AUTO and not {LEVER_MIGRATE, LEVER_EVICT}.isdisjoint(one.levers)
        for one in updates
    )
