"""A work queue of keys: each key at most once, never by two workers, failures later and later.

The semantics are those that controllers rely on in client-go's ``util/workqueue``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from common.clock import Clock, SystemClock
from common.kube.errors import PermanentError, RetryableError
from common.kube.ratelimit import TokenBucket

logger = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class QueueSettings:
    """How failures are spread out.

    Attributes:
        first_backoff_seconds: Pause after a key's first failure: most conflicts are over by then.
        max_backoff_seconds: Longest pause; short enough that a cured cause is noticed within a minute.
        retries_per_second: Bound on the retries of all keys together, when everything fails at once.
        retry_burst: How many of them may come at once.
    """

    first_backoff_seconds: float = 0.005
    max_backoff_seconds: float = 60.0
    retries_per_second: float = 10.0
    retry_burst: int = 100


class WorkQueue(Generic[K]):
    """Keys that wait for a worker.

    A key that is added while it waits is there once. A key that is added while a worker has it is queued
    again when the worker is done, so that no change is lost and no key is worked on twice at a time.
    """

    def __init__(self, settings: QueueSettings | None = None, *, clock: Clock | None = None) -> None:
        self._settings = settings or QueueSettings()
        self._ready: asyncio.Queue[K] = asyncio.Queue()
        self._dirty: set[K] = set()
        self._processing: set[K] = set()
        self._failures: dict[K, int] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._bucket = TokenBucket(
            self._settings.retries_per_second, self._settings.retry_burst, clock or SystemClock()
        )

    def __len__(self) -> int:
        """Keys that wait now; neither those in work nor those that come later."""
        return self._ready.qsize()

    def add(self, key: K) -> None:
        """Queues a key, unless it waits already."""
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._processing:
            self._ready.put_nowait(key)

    def add_after(self, key: K, seconds: float) -> None:
        """Queues a key later; of several times the earliest counts."""
        if seconds <= 0:
            self.add(key)
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + seconds
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= when:
                return
            timer.cancel()
        self._timers[key] = loop.call_at(when, self._ripen, key)

    async def get(self) -> K:
        """Waits for a key and takes it; the caller must call :meth:`done` with it."""
        key = await self._ready.get()
        self._processing.add(key)
        self._dirty.discard(key)
        return key

    def done(self, key: K) -> None:
        """Gives a key back; if it was added meanwhile it is queued again."""
        self._processing.discard(key)
        if key in self._dirty:
            self._ready.put_nowait(key)

    def retry(self, key: K, *, minimum_seconds: float = 0.0) -> float:
        """Queues a key that failed, after a pause that doubles each time; returns the pause in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        settings = self._settings
        backoff = min(settings.first_backoff_seconds * 2.0 ** min(failures, 60), settings.max_backoff_seconds)
        seconds = max(backoff, self._bucket.reserve(), minimum_seconds)
        self.add_after(key, seconds)
        return seconds

    def forget(self, key: K) -> None:
        """Ends the growth of a key's pauses, after it succeeded or was given up."""
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        """Returns how often a key has failed in a row."""
        return self._failures.get(key, 0)

    def _ripen(self, key: K) -> None:
        del self._timers[key]
        self.add(key)


async def run_workers(queue: WorkQueue[K], handle: Callable[[K], Awaitable[None]], workers: int = 1) -> None:
    """Works on keys until cancelled.

    A ``RetryableError`` (and any error that nobody foresaw) queues the key again with a pause, at least the
    server's ``Retry-After``; a ``PermanentError`` drops it with a log line, until something adds it again.
    """
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(_work(queue, handle))


async def _work(queue: WorkQueue[K], handle: Callable[[K], Awaitable[None]]) -> None:
    while True:
        key = await queue.get()
        try:
            await _handle_once(queue, handle, key)
        finally:
            queue.done(key)


async def _handle_once(queue: WorkQueue[K], handle: Callable[[K], Awaitable[None]], key: K) -> None:
    try:
        await handle(key)
    except RetryableError as error:
        pause = queue.retry(key, minimum_seconds=error.retry_after_seconds or 0.0)
        logger.info("will retry", extra={"key": key, "pause_seconds": round(pause, 3), "error": str(error)})
    except PermanentError as error:
        queue.forget(key)
        logger.error("dropped: no retry will cure it", extra={"key": key, "error": str(error)})
    except Exception:
        pause = queue.retry(key)
        logger.exception("unforeseen error", extra={"key": key, "pause_seconds": round(pause, 3)})
    else:
        queue.forget(key)
