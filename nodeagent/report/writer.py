"""Writes NodeFrequencies' status when it is due, and leaves the control loop alone meanwhile."""

from __future__ import annotations

import asyncio
import logging

from common.api.frequencies import NODE_FREQUENCIES, BudgetStatus, FrequenciesStatus
from common.api.meta import Condition, to_builtins
from common.api.names import MANAGER_NODEAGENT
from common.clock import Clock
from common.kube.backoff import Backoff
from common.kube.client import Client
from common.kube.errors import KubeError, NotFound
from nodeagent.report.pace import StatusPace
from nodeagent.report.status import build_status
from nodeagent.snapshot import Snapshot

log = logging.getLogger(__name__)

_WATCH_LAG_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 5.0
"""After an outage the actuator waits for confirmations; one small write per node each 5 s is no burden."""


class StatusWriter:
    """Holds the latest snapshot and writes what has become of it.

    Args:
        client: The cluster.
        node_name: Name of the node and of its object.
        pace: When to write.
        clock: Time.
        dry_run: Nothing is written.
    """

    def __init__(
        self, client: Client, node_name: str, pace: StatusPace, clock: Clock, *, dry_run: bool = False
    ) -> None:
        self.failed_writes = 0
        self._client = client
        self._node_name = node_name
        self._pace = pace
        self._clock = clock
        self._dry_run = dry_run
        self._latest: Snapshot | None = None
        self._essence: tuple[object, ...] | None = None
        self._news = asyncio.Event()
        self._conditions: list[Condition] = []
        self._uid = ""
        self._live: BudgetStatus | None = None
        self._written: FrequenciesStatus | None = None
        self._written_at = float("-inf")

    def offer(self, snapshot: Snapshot) -> None:
        """Takes a newer snapshot; one without an object, or with nothing confirmed, has no place to go."""
        if snapshot.uid and snapshot.confirmed is not None and not self._dry_run:
            self._latest = snapshot
            essence = snapshot.essence
            # A whole status is made only where something may have changed: looks come ten times a second.
            if essence != self._essence:
                self._essence = essence
                self._note_change(snapshot)

    def _note_change(self, snapshot: Snapshot) -> None:
        now = self._clock.monotonic()
        self._pace.changed(now)
        # Just after a write the loop waits for the end of its second anyway.
        if self._pace.quiet_until(snapshot.confirmed, snapshot.generation) <= now:
            self._news.set()

    async def run(self) -> None:
        """Writes until cancelled."""
        backoff = Backoff(maximum=_LONGEST_PAUSE_SECONDS)
        while True:
            await self._news.wait()
            snapshot = self._latest
            if snapshot is None:
                self._news.clear()
                continue
            status, wait = self._look_at(snapshot)
            if status is None or wait > 0.0:
                await self._wait_for_news(wait)
                continue
            if await self._write(snapshot, status):
                backoff.reset()
            else:
                await asyncio.sleep(backoff.next())

    async def write_now(self) -> bool:
        """Writes the latest snapshot; False where that failed."""
        snapshot = self._latest
        return snapshot is None or await self._write(snapshot, self._status(snapshot))

    async def _write(self, snapshot: Snapshot, status: FrequenciesStatus) -> bool:
        self._news.clear()
        metadata = {"name": self._node_name, "uid": snapshot.uid}
        body = {"metadata": metadata, "status": to_builtins(status)}
        try:
            await self._client.apply(
                NODE_FREQUENCIES, body, field_manager=MANAGER_NODEAGENT, subresource="status"
            )
        except KubeError as error:
            return self._failed(error)
        self._conditions, self._uid = status.conditions, snapshot.uid
        self._written, self._written_at = status, self._clock.monotonic()
        self._pace.written(status, self._written_at)
        self._news.set()
        return True

    def seen_live(self, live: FrequenciesStatus, uid: str) -> None:
        """Compares what the cluster shows with what was written; a late write of another is overwritten."""
        self._live = live.power_budget
        if self._uid != uid:
            self._conditions, self._uid = live.conditions, uid
            self._pace.lost()
        elif self._is_overwritten(live):
            self._pace.lost()
            self._news.set()

    def _is_overwritten(self, live: FrequenciesStatus) -> bool:
        # The watch may show an earlier write of our own; it is given a moment to pass.
        lately = self._clock.monotonic() - self._written_at < _WATCH_LAG_SECONDS
        return not lately and self._written is not None and live.power_budget != self._written.power_budget

    def _look_at(self, snapshot: Snapshot) -> tuple[FrequenciesStatus | None, float]:
        """Returns a snapshot's status (None while none can be due) and in how many seconds it is due."""
        now = self._clock.monotonic()
        quiet = self._pace.quiet_until(snapshot.confirmed, snapshot.generation) - now
        if quiet > 0.0:
            return None, quiet
        status = self._status(snapshot)
        return status, self._pace.due_at(status, now) - now

    async def _wait_for_news(self, seconds: float) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            self._news.set()

    def _status(self, snapshot: Snapshot) -> FrequenciesStatus:
        return build_status(snapshot, self._conditions, self._clock.now(), self._live)

    def _failed(self, error: KubeError) -> bool:
        self.failed_writes += 1
        level = logging.DEBUG if isinstance(error, NotFound) else logging.WARNING
        log.log(level, "status not written", extra={"error": str(error)})
        self._news.set()
        return False
