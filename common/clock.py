"""Time as a thing that is passed in, so that tests decide what time it is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for what people and other machines read, monotonic time for every interval."""

    def now(self) -> datetime:
        """Returns the wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Returns seconds that never go back; only differences mean anything."""
        ...


class SystemClock:
    """The machine's clocks; inside an event loop the loop's own time, so that intervals match its timers."""

    def now(self) -> datetime:
        """Returns the wall-clock time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns the running loop's time, or the system's monotonic time outside a loop."""
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return time.monotonic()
