"""A line now and then while something takes long."""

import sys
import threading
import time
from typing import Self

_EVERY_SECONDS = 15.0


class Progress:
    """Says what is being done at once, then how long it has taken so far; a context manager."""

    def __init__(self, what: str, *, minutes: float) -> None:
        self._what = what
        self._usual = f"usually {minutes:g} min" if minutes >= 1 else f"usually {minutes * 60:.0f} s"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        say(f"{self._what} ({self._usual} the first time; kept for later) …")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._done.wait(_EVERY_SECONDS):
            say(f"  {self._what}: {time.monotonic() - self._started:.0f} s so far ({self._usual})")


def say(line: str) -> None:
    """Print to stderr: stdout belongs to what was asked for."""
    print(line, file=sys.stderr, flush=True)
