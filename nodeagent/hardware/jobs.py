"""What a device's worker runs: a blocking write, and then always a look at what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nodeagent.devices.device import Device, Reading
from nodeagent.devices.restorable import RestorableDevice


@dataclass(frozen=True)
class Calls:
    """How calls on a device are made.

    Attributes:
        deadline_seconds: A call that takes longer counts as hanging.
        on_answer: Called after every answer to a write, with its outcome ("ok" or the reason).
        clock: Monotonic seconds.
    """

    deadline_seconds: float
    on_answer: Callable[[str], None]
    clock: Callable[[], float]


@dataclass(frozen=True)
class Change:
    """What to write: a watt limit, or (``sets_clock``) a clock ceiling, None to let go of it.

    ``settings`` instead puts all settings of a device back as they were found; ``clock_written`` says whether
    there is a clock ceiling of ours beside them, which some devices cannot read.
    """

    watts: float | None = None
    clock_mhz: int | None = None
    sets_clock: bool = False
    settings: Mapping[str, str] | None = None
    clock_written: bool = False


def change_and_read(device: Device, change: Change) -> Reading:
    """Writes a change and reads back what became of it; raises ``DeviceError``."""
    if change.watts is not None:
        device.write_power_limit(change.watts)
    if change.sets_clock:
        device.write_clock_limit(change.clock_mhz)
    if change.settings is not None and isinstance(device, RestorableDevice):
        device.restore_settings(change.settings, clock_written=change.clock_written)
    return device.read()


def disobeyed(change: Change, reading: Reading) -> str:
    """Returns what of a change the device did not take although it said so; empty where it took it."""
    if change.watts is not None and not reading.obeys(change.watts):
        return f"asked for {change.watts:,.0f} W, but {reading.held_watts:,.0f} W were read back"
    if change.sets_clock and reading.clock_limit_mhz != change.clock_mhz:
        return f"asked for {_clock(change.clock_mhz)}, but {_clock(reading.clock_limit_mhz)} was read back"
    return ""


def _clock(mhz: int | None) -> str:
    return "no clock ceiling" if mhz is None else f"a clock ceiling of {mhz:,} MHz"
