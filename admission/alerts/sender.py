"""Brings one sink what waits for it: grouped, at a bounded rate, again and again until it arrives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from admission.alerts.metrics import AlertMetrics
from admission.alerts.outbox import Outbox
from admission.alerts.quiet import QuietHours
from admission.alerts.snoozes import Snoozes
from common.alerts.notice import Notice
from common.alerts.sink import Sink, SinkFailed, SinkRefused
from common.clock import Clock
from common.kube.backoff import Backoff
from common.kube.ratelimit import TokenBucket

log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 30.0
"""Quiet hours end at no signal, so the outbox is looked into so often."""


@dataclass(frozen=True)
class Manners:
    """How a sink wants to be talked to.

    Attributes:
        messages_per_minute: On average; 0 for no bound.
        burst: Messages at once after a silence.
        gather_seconds: Wait so long after something new, so that what belongs together is told together.
        quiet: When only what is critical may be told.
        snoozes: What people asked not to hear of for a while; None for a sink that is told all the same.
    """

    messages_per_minute: float = 0.0
    burst: int = 1
    gather_seconds: float = 0.0
    quiet: QuietHours | None = None
    snoozes: Snoozes | None = None

    def allow(self, notice: Notice, now: datetime) -> bool:
        """Whether the notice may be told now; others wait."""
        if self.quiet is not None and not self.quiet.allow(notice, now):
            return False
        return self.snoozes is None or not self.snoozes.holds(notice, now)


class Sender:
    """The only one that takes from an outbox."""

    def __init__(
        self, sink: Sink, outbox: Outbox, manners: Manners, clock: Clock, metrics: AlertMetrics
    ) -> None:
        self._sink = sink
        self._outbox = outbox
        self._manners = manners
        self._clock = clock
        self._metrics = metrics
        self._backoff = Backoff(first=2.0, maximum=300.0)
        rate = manners.messages_per_minute / 60.0
        self._bucket = TokenBucket(rate, manners.burst, clock) if rate else None
        self._news = asyncio.Event()
        if len(outbox):  # left by an earlier process
            self._news.set()
        self._sent_at: dict[str, float] = {}

    @property
    def problem(self) -> str:
        """Why the disk does not hold what waits; empty where it does."""
        return self._outbox.problem

    def put(self, notices: Sequence[Notice]) -> None:
        """Takes notices that are new."""
        self._outbox.put(notices)
        self._metrics.queued.labels(self._sink.name).set(len(self._outbox))
        if notices:
            self._news.set()

    def repeat(self, firing: Sequence[Notice]) -> None:
        """Sends again what still fires, to a sink that wants to hear it again."""
        every = self._sink.resend_seconds
        if not every:
            return
        now = self._clock.monotonic()
        due = [each for each in firing if now - self._sent_at.get(each.fingerprint, now - every) >= every]
        self._sent_at = {each.fingerprint: self._sent_at.get(each.fingerprint, now) for each in firing}
        self._sent_at |= {each.fingerprint: now for each in due}
        self.put(due)

    async def run(self) -> None:
        """Delivers until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            if len(self._outbox):
                await asyncio.sleep(self._manners.gather_seconds)
            while self._batch():
                await self._wait_for_turn()
                await asyncio.sleep(await self._deliver(self._batch()))

    def _batch(self) -> list[Notice]:
        now = self._clock.now()
        if self._sink.resend_seconds:
            return self._outbox.first(self._sink.largest_batch)
        return self._outbox.batch(self._sink.largest_batch, lambda notice: self._manners.allow(notice, now))

    async def _wait_for_turn(self) -> None:
        if self._bucket is not None:
            await asyncio.sleep(self._bucket.reserve())

    async def _deliver(self, batch: list[Notice]) -> float:
        """Sends one batch and returns the seconds to wait before the next one."""
        name = self._sink.name
        try:
            await self._sink.send(batch)
        except SinkRefused as error:
            log.error(
                "a sink refused alerts", extra={"sink": name, "alerts": len(batch), "error": str(error)}
            )
            self._outbox.refuse(batch)
        except SinkFailed as error:
            self._metrics.failures.labels(name).inc()
            delay = max(self._backoff.next(), error.retry_after_seconds or 0.0)
            log.warning(
                "a sink failed", extra={"sink": name, "error": str(error), "retry_seconds": round(delay)}
            )
            return delay
        else:
            self._outbox.done(batch)
            self._metrics.sent.labels(name).inc(len(batch))
        self._metrics.queued.labels(name).set(len(self._outbox))
        self._backoff.reset()
        return 0.0
