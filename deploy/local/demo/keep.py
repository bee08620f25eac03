"""``KEEP=1``: the demo goes on after the command has ended, until it is told to stop.

Every process of the demo dies with the one that started it. So that the cluster outlives the command, the
demo then runs in a process of its own session, and the command waits only until the play is over.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_DONE = b"done\n"
PIPE_VARIABLE = "CLIMATIK_DEMO_PIPES"


def run_detached(arguments: list[str]) -> int:
    """Runs the demo in a session of its own; returns when the play is over, with the demo still up."""
    done_read, done_write = os.pipe()
    alive_read, alive_write = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "deploy.local.demo", *arguments],
        env=os.environ | {PIPE_VARIABLE: f"{done_write},{alive_read}"},
        pass_fds=(done_write, alive_read),
        start_new_session=True,
    )
    os.close(done_write)
    os.close(alive_read)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: child.send_signal(signal.SIGTERM))
    played = os.read(done_read, len(_DONE)) == _DONE  # empty when the child ended without it
    os.close(alive_write)
    return 0 if played else child.wait() or 1


class Keeper:
    """The side that stays: says when the play is over, and stops if the command dies before that."""

    def __init__(self, on_abandoned: Callable[[], None]) -> None:
        pipes = os.environ.pop(PIPE_VARIABLE, "")
        self.kept = bool(pipes)
        self._released = False
        if self.kept:
            self._done, alive = map(int, pipes.split(","))
            threading.Thread(target=self._watch, args=(alive, on_abandoned), daemon=True).start()

    def release(self, log: Path) -> None:
        """Lets the command end; from here on output goes to a file."""
        self._released = True
        os.write(self._done, _DONE)
        os.close(self._done)
        with log.open("ab") as output:
            for number in (1, 2):
                os.dup2(output.fileno(), number)

    def _watch(self, alive: int, on_abandoned: Callable[[], None]) -> None:
        os.read(alive, 1)  # returns when the command has ended, however it did
        if not self._released:
            on_abandoned()
