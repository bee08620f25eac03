"""Leader election on a Lease, such that there are never two leaders.

Why that holds, with any delay of any request:

- A leader trusts its lease until ``renew_deadline_seconds`` after it *sent* its last answered renewal, by
  its own monotonic clock. It then stops by itself, without asking anybody.
- Another candidate takes the Lease only after it has seen it unchanged for ``lease_seconds`` by its own
  monotonic clock. What it saw was sent by the leader no later than it was seen, so the leader has stopped
  by then, with the difference of the two settings to spare.
- Every write is conditional on the resourceVersion that was read, so one that lands late lands on nothing.
- A Lease that is missing may have been deleted from under a leader: whoever makes it anew waits
  ``lease_seconds`` before it leads. (Ship the Lease with the manifests, without a holder, and the first
  start need not wait.)

Wall clocks are written for people to read and never compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from common.clock import Clock, SystemClock
from common.kube.errors import Conflict, DeadlineExceeded, KubeError, NotFound, RetryableError
from common.kube.lease import LeaseClient, LeaseFile, Record

logger = logging.getLogger(__name__)

_TOO_SHORT_SECONDS = 0.01
"""A rest of a term in which no renewal can be answered: the term is over."""


@dataclass(frozen=True)
class ElectionSettings:
    """The three periods, as in client-go.

    Attributes:
        lease_seconds: How long others must see a Lease unchanged before they take it.
        renew_deadline_seconds: How long a leader acts on its last answered renewal. The rest of the lease is
            the time it has for stopping.
        retry_seconds: Between attempts to renew or to acquire.
    """

    lease_seconds: float = 15.0
    renew_deadline_seconds: float = 10.0
    retry_seconds: float = 2.0

    def __post_init__(self) -> None:
        if not 0 < self.retry_seconds < self.renew_deadline_seconds < self.lease_seconds:
            raise ValueError(
                "retry_seconds < renew_deadline_seconds < lease_seconds must hold, not "
                f"{self.retry_seconds:g}, {self.renew_deadline_seconds:g}, {self.lease_seconds:g}: "
                "raise lease_seconds"
            )


class NotLeading(RetryableError):  # noqa: N818 - a state, not a fault
    """Leadership ended."""


class Leadership:
    """One term of office."""

    def __init__(self, elector: LeaderElector, epoch: int, valid_until: float) -> None:
        self._elector = elector
        self.epoch = epoch
        self.valid_until = valid_until

    def valid(self) -> bool:
        """Whether acting is still safe at this instant, by the monotonic clock.

        Ask right before each write that matters: it turns False before anybody else can lead, even where the
        event loop was too busy to cancel the leader's work in time.
        """
        return self._elector.clock.monotonic() < self.valid_until

    async def raise_epoch(self, minimum: int) -> int:
        """Makes the epoch at least ``minimum``, in the Lease first, and returns it.

        For a Lease that was deleted: its successor starts to count at 1, below what objects out there bear.

        Raises:
            NotLeading: Somebody else holds the Lease, or this term is over.
            KubeError: The write failed; the epoch is unchanged as far as anybody may rely on it.
        """
        return await self._elector.raise_epoch(self, minimum)


class LeaderElector:
    """Campaigns for one Lease under one identity."""

    def __init__(
        self,
        client: LeaseClient,
        lease_name: str,
        namespace: str,
        identity: str,
        settings: ElectionSettings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self._settings = settings or ElectionSettings()
        self._file = LeaseFile(client, lease_name, namespace, identity, self._settings.lease_seconds)
        self._identity = identity
        self._observed: Record | None = None
        self._observed_at = float("-inf")
        self._writing = asyncio.Lock()
        self._rng = random.Random()  # noqa: S311 - spreads load, guards nothing

    async def run(self, lead: Callable[[Leadership], Awaitable[None]]) -> None:
        """Campaigns, leads, and campaigns again, until cancelled or until ``lead`` returns.

        ``lead`` is cancelled when leadership ends, and awaited before anything else happens. On the way out
        the Lease is released, so that a successor need not wait. An exception of ``lead`` is raised then.
        """
        while True:
            leadership = await self._acquire()
            logger.info("leading", extra={"lease": self._file.name, "epoch": leadership.epoch})
            if await self._lead(lead, leadership):
                return
            logger.warning("leadership lost", extra={"lease": self._file.name, "epoch": leadership.epoch})

    async def raise_epoch(self, leadership: Leadership, minimum: int) -> int:
        """See :meth:`Leadership.raise_epoch`."""
        if not leadership.valid():
            raise NotLeading("this term is over")
        if minimum > leadership.epoch:
            await self._write_in_time(leadership, minimum)
            leadership.epoch = max(leadership.epoch, minimum)
        return leadership.epoch

    async def _acquire(self) -> Leadership:
        while True:
            try:
                async with asyncio.timeout(self._settings.renew_deadline_seconds):
                    leadership = await self._try_acquire()
                if leadership:
                    return leadership
            except (KubeError, TimeoutError) as error:
                logger.info("cannot campaign now", extra={"lease": self._file.name, "error": str(error)})
            await asyncio.sleep(self._settings.retry_seconds * self._rng.uniform(1.0, 1.2))

    async def _try_acquire(self) -> Leadership | None:
        record = await self._read_or_create()
        self._observe(record)
        if not self._takeable(record):
            return None
        sent = self.clock.monotonic()
        self._observe(await self._file.take(record, self.clock.now(), epoch=record.epoch + 1))
        return Leadership(self, record.epoch + 1, sent + self._settings.renew_deadline_seconds)

    async def _read_or_create(self) -> Record:
        try:
            return await self._file.read()
        except NotFound:
            logger.warning("the Lease is missing: made anew", extra={"lease": self._file.name})
            return await self._file.create(self.clock.now())

    def _takeable(self, record: Record) -> bool:
        if not record.holder:
            return True
        unchanged = self.clock.monotonic() - self._observed_at
        return unchanged >= max(self._settings.lease_seconds, record.lease_seconds)

    def _observe(self, record: Record) -> None:
        if self._observed is None or record.version != self._observed.version:
            self._observed_at = self.clock.monotonic()
        self._observed = record

    async def _lead(self, lead: Callable[[Leadership], Awaitable[None]], leadership: Leadership) -> bool:
        """Runs one term; returns whether ``lead`` ended by itself.

        The Lease is renewed until ``lead`` has ended, also while it cleans up, and released only then.
        """
        work = asyncio.ensure_future(lead(leadership))
        renewal = asyncio.create_task(self._renew_until_lost(leadership))
        try:
            await asyncio.wait({work, renewal}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
                return True
            return False
        finally:
            try:
                await _stop(work)
            finally:
                renewal.cancel()
            await asyncio.wait({renewal})
            await self._release(leadership)

    async def _renew_until_lost(self, leadership: Leadership) -> None:
        """Renews; returns when the term is over."""
        while self._left(leadership) > _TOO_SHORT_SECONDS:
            started = self.clock.monotonic()
            try:
                await self._write_in_time(leadership)
            except NotLeading as error:
                logger.warning("not leading", extra={"lease": self._file.name, "error": str(error)})
                break
            except KubeError as error:
                logger.warning("renewal failed", extra={"lease": self._file.name, "error": str(error)})
            pause = started + self._settings.retry_seconds - self.clock.monotonic()
            await asyncio.sleep(max(0.0, min(pause, self._left(leadership))))
        leadership.valid_until = float("-inf")

    async def _write_in_time(self, leadership: Leadership, epoch: int = 0) -> None:
        """Writes the Lease once within what is left of the term, and within half the deadline.

        Half, so that an attempt on a dead connection leaves time for one on a new connection.
        """
        seconds = min(self._left(leadership), self._settings.renew_deadline_seconds / 2)
        try:
            async with asyncio.timeout(seconds), self._writing:
                await self._renew_once(leadership, epoch)
        except TimeoutError as error:
            raise DeadlineExceeded(f"the Lease could not be renewed within {seconds:.1f} s") from error

    def _left(self, leadership: Leadership) -> float:
        return max(0.0, leadership.valid_until - self.clock.monotonic())

    async def _renew_once(self, leadership: Leadership, epoch: int) -> None:
        """Writes the Lease; after a conflict it is read and, if still ours, written again."""
        assert self._observed is not None
        try:
            await self._renew(leadership, self._observed, epoch)
        except Conflict:
            record = await self._reread()
            if record.holder != self._identity or record.epoch < leadership.epoch:
                holder = record.holder or "nobody"
                raise NotLeading(f"the Lease is held by {holder} in epoch {record.epoch}") from None
            await self._renew(leadership, record, epoch)
        except NotFound as error:
            raise NotLeading("the Lease was deleted") from error

    async def _reread(self) -> Record:
        try:
            return await self._file.read()
        except NotFound as error:
            raise NotLeading("the Lease was deleted") from error

    async def _renew(self, leadership: Leadership, record: Record, epoch: int) -> None:
        """Writes the Lease on condition of ``record``; the epoch in it never goes back."""
        sent = self.clock.monotonic()
        epoch = max(epoch, leadership.epoch, record.epoch)
        self._observe(await self._file.renew(record, self.clock.now(), epoch=epoch))
        leadership.valid_until = max(leadership.valid_until, sent + self._settings.renew_deadline_seconds)

    async def _release(self, leadership: Leadership) -> None:
        """Gives the Lease back, if it is still ours; a failure costs the successor only time."""
        leadership.valid_until = float("-inf")
        with contextlib.suppress(KubeError, TimeoutError):
            async with asyncio.timeout(self._settings.retry_seconds):
                await self._give_back()

    async def _give_back(self) -> None:
        record = self._observed
        try:
            if record and record.holder == self._identity:
                self._observe(await self._file.release(record, self.clock.now()))
        except Conflict:  # a renewal that was cancelled under way has landed
            record = await self._file.read()
            if record.holder == self._identity:
                self._observe(await self._file.release(record, self.clock.now()))


async def _stop(work: asyncio.Future[None]) -> None:
    """Cancels the leader's work and waits for its end; what it raises on the way out is logged."""
    failed_before = work.done()
    work.cancel()
    await asyncio.wait({work})
    if not failed_before and not work.cancelled() and (error := work.exception()):
        logger.error("the leader's work failed while it stopped", exc_info=error)
