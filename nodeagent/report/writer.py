"""Writes NodeFrequencies' status when it is due, and leaves the control loop alone meanwhile."""

from __future__ import annotations

import asyncio
import logging

from common.api.frequencies import NODE_FREQUENCIES, FrequenciesStatus
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
                self._news.set()

    async def run(self) -> None:
        """Writes until cancelled."""
        backoff = Backoff(maximum=_LONGEST_PAUSE_SECONDS)
        while True:
            await self._news.wait()
            wait = self._seconds_until_due()
            if wait > 0.0:
                await self._wait_for_news(wait)
                continue
            if await self.write_now():
                backoff.reset()
            else:
                await asyncio.sleep(backoff.next())

    async def write_now(self) -> bool:
        """Writes the latest snapshot; False where that failed."""
        snapshot = self._latest
        if snapshot is None:
            return True
        self._news.clear()
        status = self._status(snapshot)
        body = {"metadata": {"uid": snapshot.uid}, "status": to_builtins(status)}
        try:
            await self._client.apply(
                NODE_FREQUENCIES, self._node_name, body, field_manager=MANAGER_NODEAGENT, subresource="status"
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

    def _seconds_until_due(self) -> float:
        if self._latest is None:
            return 0.0
        now = self._clock.monotonic()
        return self._pace.due_at(self._status(self._latest), now) - now

    async def _wait_for_news(self, seconds: float) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            self._news.set()

    def _status(self, snapshot: Snapshot) -> FrequenciesStatus:
        return build_status(snapshot, self._conditions, self._clock.now())

    def _failed(self, error: KubeError) -> bool:
        self.failed_writes += 1
        level = logging.DEBUG if isinstance(error, NotFound) else logging.WARNING
        log.log(level, "status not written", extra={"error": str(error)})
        self._news.set()
        return False
