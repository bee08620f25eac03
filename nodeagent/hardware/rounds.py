"""Looks at many devices on one thread, for as long as they answer promptly.

A thread per look costs ten times what the look itself does. So the devices are read one after the other; a
round that is late is broken up: what has not been read yet goes to the devices' own threads, and the device
that the round waits for is read apart from the others until it is prompt again.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from nodeagent.devices.device import Reading


class Look:
    """One blocking look at a device, and who is to be told of its answer, on the loop's thread.

    Args:
        call: Looks.
        answered: Takes the reading, or the error.
    """

    def __init__(
        self, call: Callable[[], Reading], answered: Callable[[Reading | None, BaseException | None], None]
    ) -> None:
        self.call = call
        self.answered = answered
        self.done = False


class Round:
    """Looks, one after the other; shared with the thread that works on them."""

    def __init__(
        self, looks: Sequence[Look], loop: asyncio.AbstractEventLoop, delivered: Callable[[], None]
    ) -> None:
        self._waiting = deque(looks)
        self._current: Look | None = None
        self._lock = threading.Lock()
        self._answers: deque[tuple[Look, Reading | None, BaseException | None]] = deque()
        self._loop = loop
        self._delivered = delivered

    def work(self) -> None:
        """Does all looks that nobody took back, then hands the answers over; on the round's thread."""
        while (look := self._next()) is not None:
            try:
                self._answers.append((look, look.call(), None))
            except BaseException as caught:  # carried to whoever waits for the answer
                self._answers.append((look, None, caught))
        # The loop is closed when the process stops while a call hangs.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.deliver)

    def take_back(self) -> tuple[Look | None, list[Look]]:
        """Returns the look under way, and the ones that will not be made any more."""
        with self._lock:
            left = list(self._waiting)
            self._waiting.clear()
            return self._current, left

    def deliver(self) -> None:
        """Hands over the answers that are there; on the loop's thread."""
        while self._answers:
            look, reading, error = self._answers.popleft()
            look.done = True
            look.answered(reading, error)
        self._delivered()

    def _next(self) -> Look | None:
        with self._lock:
            self._current = self._waiting.popleft() if self._waiting else None
            return self._current


class RoundReader:
    """Starts rounds on a thread that is replaced when a device keeps it waiting.

    Args:
        delivered: Called after the answers of a round were handed over.
    """

    def __init__(self, delivered: Callable[[], None] = lambda: None) -> None:
        self._delivered = delivered
        self._jobs: queue.SimpleQueue[Round | None] = queue.SimpleQueue()
        self._round: Round | None = None
        self._thread: threading.Thread | None = None

    def start(self, looks: Sequence[Look]) -> None:
        """Starts a round; the one before must have been completed, or broken up."""
        if not looks:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=_work, args=(self._jobs,), name="looks", daemon=True)
            self._thread.start()
        self._round = Round(looks, asyncio.get_running_loop(), self._delivered)
        self._jobs.put(self._round)

    def break_up(self) -> tuple[Look | None, list[Look]]:
        """Ends the last round if it is not complete.

        Returns:
            The look that it waits for, and those that it never came to; None and none where it is complete.
        """
        late, self._round = self._round, None
        if late is None:
            return None, []
        awaited, left = late.take_back()
        late.deliver()
        if awaited is not None and not awaited.done:
            self.close()
            self._jobs, self._thread = queue.SimpleQueue(), None
        return awaited, left

    def close(self) -> None:
        """Ends the thread after the call under way, without waiting for it."""
        self._jobs.put(None)


def _work(jobs: queue.SimpleQueue[Any]) -> None:
    while (job := jobs.get()) is not None:
        job.work()
