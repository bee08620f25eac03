"""Calls that may hang, made at once; what has not answered in time has failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from nodeagent.devices.errors import DeadlineExceededError, DeviceError

R = TypeVar("R")


def answers_in_time(calls: Sequence[Callable[[], R]], deadline_seconds: float) -> list[R | DeviceError]:
    """Makes all calls, each on a thread of its own, and returns their answers in the same order.

    Args:
        calls: What to call.
        deadline_seconds: How long all of them have together; those that are later go on and are forgotten.

    Returns:
        Answers, or the errors in their places.
    """
    answers: list[R | DeviceError] = [
        DeadlineExceededError(f"no answer for {deadline_seconds:g} s") for _ in calls
    ]

    def answer(place: int, call: Callable[[], R]) -> None:
        try:
            answers[place] = call()
        except DeviceError as error:
            answers[place] = error
        except Exception as error:  # a driver's own surprise must not cost the other devices
            answers[place] = DeviceError(repr(error))

    threads = [
        threading.Thread(target=answer, args=(place, call), daemon=True) for place, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + deadline_seconds
    for thread in threads:
        thread.join(max(ends - time.monotonic(), 0.0))
    # A call that is late must not change what was returned.
    return list(answers)
