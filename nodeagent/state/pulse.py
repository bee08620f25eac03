"""The agent's sign of life, for the watchdog: when it last turned, and when the lease of its grant is over.

One record of fixed length, overwritten in place: a reader sees the old or the new one, and nothing is synced,
since neither outlives a reboot. Times are of ``CLOCK_BOOTTIME``, which no clock step moves and which goes on
while the machine sleeps.
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

PULSE_FILE = "pulse.json"

_RECORD_BYTES = 256
_BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Pulse:
    """A sign of life.

    Attributes:
        boot_id: The kernel's boot under which it was given; times of another boot mean nothing.
        at: When it was given, in seconds since boot.
        lease_ends: When the grant's lease is over, in seconds since boot; infinite where there is none.
    """

    boot_id: str
    at: float
    lease_ends: float


def boot_seconds() -> float:
    """Returns the seconds since boot, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def kernel_boot_id() -> str:
    """Returns the kernel's present boot id; empty where there is none to read."""
    try:
        return _BOOT_ID_FILE.read_text().strip()
    except OSError:
        return ""


class PulseFile:
    """The agent's side: one small write per sign of life.

    Raises:
        OSError: The file cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        self._handle = os.open(directory / PULSE_FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._boot_id = kernel_boot_id()

    def beat(self, lease_left_seconds: float | None) -> None:
        """Gives a sign of life.

        Args:
            lease_left_seconds: Until the lease of the grant is over; None where there is no lease.

        Raises:
            OSError: It could not be written.
        """
        now = boot_seconds()
        ends = None if lease_left_seconds is None else round(now + lease_left_seconds, 3)
        record = json.dumps({"bootID": self._boot_id, "at": round(now, 3), "leaseEnds": ends})
        os.pwrite(self._handle, record.encode().ljust(_RECORD_BYTES - 1) + b"\n", 0)

    def close(self) -> None:
        """Closes the file; the last sign of life stays in it."""
        os.close(self._handle)


def read_pulse(directory: Path) -> Pulse | None:
    """Returns the agent's last sign of life; None where it never gave a readable one."""
    try:
        record = json.loads((directory / PULSE_FILE).read_bytes())
        ends = math.inf if record["leaseEnds"] is None else float(record["leaseEnds"])
        return Pulse(str(record["bootID"]), float(record["at"]), ends)
    except (OSError, ValueError, KeyError, TypeError):
        return None
