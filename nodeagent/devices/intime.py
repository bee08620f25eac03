"""Calls that may hang: each on a thread of its own, awaited for so long, and never made twice at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from nodeagent.devices.errors import DeadlineExceededError, DeviceError

R = TypeVar("R")


class CallsInTime(Generic[R]):
    """Makes calls by name. One that is late goes on, and its answer is the next one to be given.

    A driver that hangs would otherwise take another thread with every try, and one that is merely slow would
    never be heard. So the deadline counts from when a call began: to ask again for one that is late costs no
    time.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, _Call[R]] = {}

    def answers(
        self, calls: Mapping[str, Callable[[], R]], deadline_seconds: float
    ) -> dict[str, R | DeviceError]:
        """Makes those calls that are not under way, all at once, and returns every answer that is there.

        Args:
            calls: What to call, by name.
            deadline_seconds: How long a call has, from when it began.

        Returns:
            Answers, or errors in their places, in the same order.
        """
        for name, call in calls.items():
            if name not in self._open:
                self._open[name] = _Call(call, self._clock())
        return {name: self._answer(name, deadline_seconds) for name in calls}

    def _answer(self, name: str, deadline_seconds: float) -> R | DeviceError:
        call = self._open[name]
        left = call.began_at + deadline_seconds - self._clock()
        if not call.answered.wait(max(left, 0.0)):
            return DeadlineExceededError(f"no answer for {deadline_seconds:g} s")
        del self._open[name]
        return call.answer


class _Call(Generic[R]):
    """One call on its thread, which is a daemon: the process can end while it hangs."""

    def __init__(self, call: Callable[[], R], now: float) -> None:
        self.began_at = now
        self.answered = threading.Event()
        self.answer: R | DeviceError = DeviceError("not answered")
        threading.Thread(target=self._make, args=(call,), daemon=True).start()

    def _make(self, call: Callable[[], R]) -> None:
        try:
            self.answer = call()
        except DeviceError as error:
            self.answer = error
        except Exception as error:  # a driver's own surprise must not cost the other devices
            self.answer = DeviceError(repr(error))
        self.answered.set()
