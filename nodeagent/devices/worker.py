"""One thread per device: a call that hangs keeps its own thread, and nothing else, waiting."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")

_Job = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class DeviceWorker:
    """Runs the blocking calls of one device on a thread of its own, one at a time.

    The thread is a daemon: one that hangs in a driver must not keep the process from ending.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"device-{name}", daemon=True)
        self._current: asyncio.Future[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether a call is under way; another one is not taken until it has come back."""
        return self._current is not None and not self._current.done()

    def submit(self, call: Callable[[], R]) -> asyncio.Future[R]:
        """Starts a call and returns its future.

        Raises:
            RuntimeError: A call is still under way (ask ``busy`` first): calls never pile up on a device.
        """
        if self.busy:
            raise RuntimeError("the device is busy")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if not self._thread.is_alive():
            self._thread.start()
        self._current = future
        self._jobs.put((call, future, future.get_loop()))
        return future

    def close(self) -> None:
        """Ends the thread after the call under way, without waiting for it."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            call, future, loop = job
            try:
                result, error = call(), None
            except BaseException as caught:  # carried to whoever waits on the future
                result, error = None, caught
            # The loop is closed when the process stops while a call hangs.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(finish, future, result, error)


def finish(future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    """Gives a future its result or error, unless nobody waits for it any more."""
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
