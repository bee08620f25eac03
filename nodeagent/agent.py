"""The running agent: the control loop, what it follows in the cluster, and what it writes there."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from common.api.core import NODES
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.clock import Clock
from common.kube.backoff import Backoff
from common.kube.client import Client
from common.kube.errors import KubeError, NotFound
from common.kube.informer import Informer
from common.kube.settings import WatchSettings
from nodeagent.control import Controller
from nodeagent.heart import Heart
from nodeagent.nodekeeper import NodeKeeper
from nodeagent.obedience.machine import Obedience
from nodeagent.obedience.memory import Memory
from nodeagent.pods.desk import PodDesk
from nodeagent.report.metrics import NodeMetrics
from nodeagent.report.writer import StatusWriter
from nodeagent.snapshot import Snapshot
from nodeagent.turns import Turns
from nodeagent.world import World

log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 5.0
"""Between two tries to read the own object: until it is read, nothing is raised."""

_FEW_OBJECTS = WatchSettings(share_parts=False)
"""A status of its own each second would be held, 2,048 of them: 12 MiB within the hour."""


@dataclass(frozen=True)
class AgentParts:
    """What an agent is put together from."""

    client: Client
    world: World
    obedience: Obedience
    controller: Controller
    metrics: NodeMetrics
    heart: Heart | None
    writer: StatusWriter
    keeper: NodeKeeper
    desk: PodDesk | None = None


class Agent:
    """Runs the loops of one node.

    Args:
        parts: What it is put together from.
        wake: Set whenever the control loop should not wait for its next turn.
        clock: Time.
        period_seconds: The control loop's turn.
        settle_seconds: So long after the first look nothing is reported: older limits may not have settled.
    """

    def __init__(
        self,
        parts: AgentParts,
        wake: Turns,
        clock: Clock,
        period_seconds: float,
        settle_seconds: float,
    ) -> None:
        self.stepped_at = self._turn_at = clock.monotonic()
        self.read = False
        self._parts = parts
        self._wake = wake
        self._clock = clock
        self._period_seconds = period_seconds
        self._settle_seconds = settle_seconds
        self._report_from: float | None = None
        self._read_wanted = asyncio.Event()
        self._read_wanted.set()

    async def run(self) -> None:
        """Runs until cancelled. Limits stay as set when it ends."""
        parts = self._parts
        name = parts.world.node_name
        own = Informer(
            parts.client, NODE_FREQUENCIES, field_selector=f"metadata.name={name}", settings=_FEW_OBJECTS
        )
        node = Informer(parts.client, NODES, field_selector=f"metadata.name={name}", settings=_FEW_OBJECTS)
        domains = Informer(parts.client, POWER_DOMAINS, settings=_FEW_OBJECTS)
        own.on_change(self._own_changed)
        node.on_change(parts.world.node_changed)
        domains.on_change(parts.world.domain_changed)
        async with asyncio.TaskGroup() as tasks:
            for informer in (own, node, domains):
                tasks.create_task(informer.run())
            tasks.create_task(self._note_domains(domains))
            tasks.create_task(self._read_own())
            tasks.create_task(self._wake.run(self._next_turn))
            tasks.create_task(parts.writer.run())
            tasks.create_task(parts.keeper.run())
            if parts.desk is not None:
                tasks.create_task(parts.desk.run())

    async def once(self, seconds: float) -> None:
        """Reads the cluster once, holds the devices to it for some seconds, reports, and returns."""
        parts = self._parts
        await self._read_once()
        parts.world.node_changed(None, await parts.client.get(NODES, parts.world.node_name))
        for domain in (await parts.client.list(POWER_DOMAINS)).items:
            parts.world.domain_changed(None, domain)
        parts.world.domains_listed()
        if parts.desk is not None:
            await parts.desk.look()
        ends = self._clock.monotonic() + seconds
        while self._clock.monotonic() < ends:
            self._step()
            await asyncio.sleep(self._period_seconds)
        await parts.writer.write_now()
        await parts.keeper.keep_now()

    def answered(self) -> None:
        """Devices answered something that may be reason for a step at once."""
        if self._parts.controller.is_due():
            self._wake.set()

    def _next_turn(self, woken: bool) -> float:
        """Turns, whatever comes of it; returns the seconds until the next turn."""
        try:
            self._turn(woken)
        except Exception:
            log.exception("a step of the control loop failed; limits stay as set")
        now = self._clock.monotonic()
        if now >= self._turn_at:
            self._turn_at = max(self._turn_at + self._period_seconds, now)
        return self._turn_at - now

    def _turn(self, woken: bool) -> None:
        """A whole step where something may have changed; else a look at the devices is all there is to do."""
        controller = self._parts.controller
        if not woken and controller.look_again():
            self.stepped_at = self._clock.monotonic()
            return
        controller.collect()
        if woken or controller.is_due():
            self._step()
        else:
            controller.look()
            self.stepped_at = self._clock.monotonic()

    def _step(self) -> None:
        parts = self._parts
        now = self._clock.monotonic()
        snapshot = parts.controller.step()
        self.stepped_at = now
        parts.metrics.observe(snapshot, now)
        if parts.heart is not None:
            parts.heart.turned(snapshot.verdict.lease_left_seconds, now)
        if self._report_from is None and _all_known(snapshot):
            self._report_from = now + self._settle_seconds
        if self.read and self._report_from is not None and now > self._report_from and _all_known(snapshot):
            parts.writer.offer(snapshot)
            parts.keeper.offer(snapshot)

    def _own_changed(self, _old: NodeFrequencies | None, new: NodeFrequencies | None) -> None:
        if new is not None:
            self._parts.writer.seen_live(new.status, new.metadata.uid)
        if self._parts.controller.see(new, consistent=False):
            self._read_wanted.set()

    async def _note_domains(self, domains: Informer[PowerDomain]) -> None:
        await domains.wait_synced()
        self._parts.world.domains_listed()

    async def _read_own(self) -> None:
        """Reads the own object from the server itself, at the start and whenever a watch leaves doubt."""
        backoff = Backoff(maximum=_LONGEST_PAUSE_SECONDS)
        while True:
            await self._read_wanted.wait()
            self._read_wanted.clear()
            try:
                await self._read_once()
                backoff.reset()
            except KubeError as error:
                log.warning("own object not read", extra={"error": str(error)})
                self._read_wanted.set()
                await asyncio.sleep(backoff.next())

    async def _read_once(self) -> None:
        parts = self._parts
        before = parts.obedience.memory
        try:
            seen = await parts.client.get(NODE_FREQUENCIES, parts.world.node_name)
        except NotFound:
            seen = None
        if _grant(before) != _grant(parts.obedience.memory):
            # A watch was faster than this read, which may be older than what is known by now.
            self._read_wanted.set()
            return
        if seen is not None:
            parts.writer.seen_live(seen.status, seen.metadata.uid)
        parts.controller.see(seen, consistent=True)
        self.read = True
        self._wake.set()


def _grant(memory: Memory | None) -> tuple[str, int]:
    return ("", -1) if memory is None else (memory.uid, memory.sequence)


def _all_known(snapshot: Snapshot) -> bool:
    return all(view.reading is not None or view.fault is not None for view in snapshot.devices)
