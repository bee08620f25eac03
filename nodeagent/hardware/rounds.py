"""Looks at many devices on one thread, for as long as they answer promptly.

A thread per look costs ten times what the look itself does. So the devices are read one after the other; a
round that is late is broken up: what has not been read yet goes to the devices' own threads, and the device
that the round waits for is read apart from the others until it is prompt again.

To wake the loop for each round would cost more than taking in its answers. So a round that shows nothing but
other live figures keeps its answers until somebody comes for them, and can be made again meanwhile; one with
news wakes the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nodeagent.devices.device import Reading


class Look:
    """A blocking look at a device, and who is to be told of its answer; in one round at a time.

    Args:
        call: Looks.
        is_news: Whether a reading shows anything but other live figures; asked on the round's thread.
        answered: Takes the answer, on the loop's thread.

    Attributes:
        pending: How many of its answers have not been handed over yet.
        started: When the last one was asked for, in monotonic seconds.
    """

    def __init__(
        self,
        call: Callable[[], Reading],
        is_news: Callable[[Reading], bool],
        answered: Callable[[Answer], None],
    ) -> None:
        self.call = call
        self.is_news = is_news
        self.answered = answered
        self.pending = 0
        self.started = float("-inf")

    def ask(self, now: float) -> None:
        """It is about to be made."""
        self.pending += 1
        self.started = now


class Answer(NamedTuple):
    """What came of a look: a reading or an error, whether that is news, and when the look was asked for."""

    reading: Reading | None
    error: BaseException | None
    is_news: bool
    at: float


class Round:
    """Looks, one after the other; shared with the thread that works on them."""

    def __init__(
        self, looks: Sequence[Look], loop: asyncio.AbstractEventLoop, delivered: Callable[[], None]
    ) -> None:
        self._looks = looks
        self._waiting = deque(looks)
        self._current: Look | None = None
        self._lock = threading.Lock()
        self._answers: deque[tuple[Look, Answer]] = deque()
        self._wanted = self._over = self._news = False
        self._loop = loop
        self._delivered = delivered

    def work(self) -> None:
        """Does all looks that nobody took back, then wakes the loop if need be; on the round's thread."""
        while (look := self._next()) is not None:
            answer = _make(look)
            self._news = self._news or answer.is_news
            self._answers.append((look, answer))
        with self._lock:
            self._over = True
            wake = self._news or self._wanted
        if wake:
            # The loop is closed when the process stops while a call hangs.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._deliver)

    def renew(self, now: float) -> bool:
        """Makes itself ready once more; False where it is not over, or its answers cannot wait."""
        with self._lock:
            if not self._over or self._news or self._wanted:
                return False
            self._over = False
            self._waiting.extend(self._looks)
        for look in self._looks:
            look.ask(now)
        return True

    def take_back(self) -> tuple[Look | None, list[Look]]:
        """Returns the look under way, and the ones that will not be made any more."""
        with self._lock:
            self._wanted = True
            left = list(self._waiting)
            self._waiting.clear()
            return self._current, left

    def hurry(self) -> None:
        """Somebody waits for a device of it: its answers are handed over as soon as they are there."""
        with self._lock:
            self._wanted = True
            over = self._over
        if over:
            self._loop.call_soon(self._deliver)

    def hand_over(self) -> None:
        """Hands over the answers that are there; on the loop's thread."""
        while self._answers:
            look, answer = self._answers.popleft()
            look.pending -= 1
            look.answered(answer)

    def _deliver(self) -> None:
        self.hand_over()
        self._delivered()

    def _next(self) -> Look | None:
        with self._lock:
            self._current = self._waiting.popleft() if self._waiting else None
            return self._current


class RoundReader:
    """Starts rounds on a thread that is replaced when a device keeps it waiting.

    Args:
        delivered: Called after answers were handed over that nobody came for.
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

    def again(self, now: float) -> bool:
        """Starts the last round once more; False where it is not over, or showed news."""
        if self._round is None or not self._round.renew(now):
            return False
        self._jobs.put(self._round)
        return True

    def collect(self) -> None:
        """Hands over the answers that the last round has so far."""
        if self._round is not None:
            self._round.hand_over()

    def hurry(self) -> None:
        """Has the answers of the last round handed over as soon as it is complete."""
        if self._round is not None:
            self._round.hurry()

    def break_up(self) -> tuple[Look | None, list[Look]]:
        """Ends the last round if it is not complete.

        Returns:
            The look that it waits for, and those that it never came to; None and none where it is complete.
        """
        late, self._round = self._round, None
        if late is None:
            return None, []
        awaited, left = late.take_back()
        late.hand_over()
        if awaited is not None and awaited.pending:
            self.close()
            self._jobs, self._thread = queue.SimpleQueue(), None
        return awaited, left

    def close(self) -> None:
        """Ends the thread after the call under way, without waiting for it."""
        self._jobs.put(None)


def _make(look: Look) -> Answer:
    at = look.started
    try:
        reading = look.call()
        return Answer(reading, None, look.is_news(reading), at)
    except BaseException as caught:  # carried to whoever waits for the answer
        return Answer(None, caught, True, at)


def _work(jobs: queue.SimpleQueue[Any]) -> None:
    while (job := jobs.get()) is not None:
        job.work()
