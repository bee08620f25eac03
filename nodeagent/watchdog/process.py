"""The watchdog's process: looks at the agent's sign of life once a second, and acts when it must."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from nodeagent.devices.device import DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.state.files import DirectoryLock, StateLockedError
from nodeagent.state.names import LOWERED_FILE
from nodeagent.state.pulse import boot_seconds, kernel_boot_id, read_pulse
from nodeagent.watchdog.holding import Holding, read_holding
from nodeagent.watchdog.judgement import Now, why_lower
from nodeagent.watchdog.lowering import Lowered, Lowering

_PERIOD_SECONDS = 1.0
_AGAIN_SECONDS = 10.0
"""Between two looks for devices whose driver did not answer."""
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Watchdog:
    """Watches one agent.

    Args:
        directory: The agent's state directory.
        find_devices: Opens the devices, when they are needed.
        deadline_seconds: How long one device may take.
        silence_seconds: How long the agent may be silent.
        clock: Seconds since boot.
        boot_id: The kernel's boot.
    """

    def __init__(
        self,
        directory: Path,
        find_devices: Callable[[], DeviceSet],
        *,
        deadline_seconds: float,
        silence_seconds: float,
        clock: Callable[[], float] = boot_seconds,
        boot_id: str | None = None,
    ) -> None:
        self._directory = directory
        self._find_devices = find_devices
        self._deadline_seconds = deadline_seconds
        self._silence_seconds = silence_seconds
        self._clock = clock
        self._boot_id = kernel_boot_id() if boot_id is None else boot_id
        self._since = clock()
        self._lowering: Lowering | None = None
        self._found: DeviceSet | None = None
        self._found_at = 0.0
        self._said = ""

    def look(self) -> Lowered | None:
        """Looks once; returns what came of lowering the devices, or None where that was not called for."""
        holding = read_holding(self._directory)
        reason = self._why(holding)
        if not reason or holding is None:
            self._stand_down()
            return None
        with _lock_if_free(self._directory):
            try:
                lowered = self._lower(holding)
            except DeviceError as error:
                self._say("error", "devices not found", f"{error.reason}: {error}")
                return None
        self._note(lowered)
        failed = "; ".join(f"{name}: {failure}" for name, failure in sorted(lowered.failures.items()))
        outcome = "; ".join(filter(None, (f"{lowered.charged_watts} W, base {holding.base_watts} W", failed)))
        self._say("warning", "lowered", outcome, why=reason)
        return lowered

    def _why(self, holding: Holding | None) -> str:
        now = Now(self._boot_id, self._clock(), self._since)
        return why_lower(holding, read_pulse(self._directory), now, silence_seconds=self._silence_seconds)

    def _lower(self, holding: Holding) -> Lowered:
        if self._lowering is None:
            self._lowering = self._open(self._find_devices())
        elif (found := self._more()) is not None:
            self._lowering.close()
            self._lowering = self._open(found)
        return self._lowering.lower(holding)

    def _open(self, found: DeviceSet) -> Lowering:
        self._found, self._found_at = found, self._clock()
        return Lowering(found, self._deadline_seconds, lambda: bool(self._why(read_holding(self._directory))))

    def _more(self) -> DeviceSet | None:
        """Looks again for devices whose driver did not answer; None while no more of them do."""
        known = self._found
        if known is None or known.awaited is None or self._clock() - self._found_at < _AGAIN_SECONDS:
            return None
        self._found_at = self._clock()
        with contextlib.suppress(DeviceError):
            found = self._find_devices()
            return found if found.says_more_than(known) else None
        return None

    def _stand_down(self) -> None:
        if self._lowering is not None:
            self._lowering.close()
            self._lowering = self._found = None
            self._say("info", "standing down", "the agent is back, or nothing is held any more")

    def _note(self, lowered: Lowered) -> None:
        """Leaves word of the limits for the agent, which would take them for a stranger's."""
        if lowered.limits:
            path = self._directory / LOWERED_FILE
            with contextlib.suppress(OSError):
                path.write_text(json.dumps({"bootID": self._boot_id, "limits": dict(lowered.limits)}))

    def _say(self, level: str, message: str, detail: str, *, why: str = "") -> None:
        """Writes one line, in the form of the agent's own logs; says nothing twice."""
        if (line := f"{message} detail={json.dumps(detail)}") != self._said:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            reason = f" why={json.dumps(why)}" if why else ""
            sys.stderr.write(f"{stamp} {level.upper():<7} nodeagent.watchdog {line}{reason}\n")
            sys.stderr.flush()
        self._said = line


def watch(watchdog: Watchdog) -> None:
    """Looks once a second until the process is asked to stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    while signal.sigtimedwait(_STOP_SIGNALS, _PERIOD_SECONDS) is None:
        watchdog.look()


@contextlib.contextmanager
def _lock_if_free(directory: Path) -> Iterator[None]:
    """Keeps an agent from starting meanwhile; one that hangs has the lock, and base must not wait for it."""
    try:
        lock = DirectoryLock(directory)
    except (StateLockedError, OSError):
        yield
        return
    try:
        yield
    finally:
        lock.release()
