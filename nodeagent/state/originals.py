"""What is saved of a device that is held: as it was found, and as it was left. Pure."""

from __future__ import annotations

import msgspec

from nodeagent.devices.device import SAME_LIMIT_WATTS, Reading

_PASSING_SETTINGS = frozenset({"persistence_mode"})
"""These change by themselves, as a driver that starts does, and say nothing about anybody's will."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A device's settings as they were read back after our last write."""

    limit_watts: float
    clock_limit_mhz: int | None = None
    settings: dict[str, str] = {}


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """A device's settings as they were found: its watt limit, and its clock ceiling (None: no ceiling).

    Attributes:
        limit_watts: The limit that it had been asked for.
        clock_limit_mhz: The clock ceiling.
        settings: All of them in the driver's own words, where the driver can put them back as a whole.
        clock_written: Whether a clock ceiling was ever written to it.
        left: As we left it; None where that is not known.
        unsettled: A write may have landed since ``left`` was noted.
    """

    limit_watts: float
    clock_limit_mhz: int | None = None
    settings: dict[str, str] = {}
    clock_written: bool = False
    left: Left | None = None
    unsettled: bool = False

    @property
    def left_watts(self) -> float | None:
        """The limit as we left it; None where that is not known for certain."""
        return None if self.left is None or self.unsettled else self.left.limit_watts


def as_found(reading: Reading) -> Original:
    """Returns the original of a device that is about to be written for the first time."""
    return Original(
        limit_watts=reading.requested_watts,
        clock_limit_mhz=reading.clock_limit_mhz,
        settings=dict(reading.settings),
    )


def as_left(reading: Reading) -> Left:
    """Returns what a device was left with by writes that have all come back."""
    return Left(
        limit_watts=reading.requested_watts,
        clock_limit_mhz=reading.clock_limit_mhz,
        settings=dict(reading.settings),
    )


def changed_by_others(
    original: Original, reading: Reading, default_watts: float, lowered_watts: float | None
) -> str:
    """Returns what somebody else changed on a device since we left it; empty where nothing is known to be.

    Args:
        original: What is saved of it.
        reading: As it is now; its settings are of now, too.
        default_watts: Where a driver that starts puts the limit.
        lowered_watts: What the watchdog set last; None where it set nothing.
    """
    left = original.left
    if left is None or original.unsettled:
        return ""
    seen = reading.requested_watts
    if not _same(seen, left.limit_watts):
        starts = (original.limit_watts, default_watts, lowered_watts)
        known = any(watts is not None and _same(seen, watts) for watts in starts)
        return "" if known else f"its limit is {seen:,.0f} W, we left it at {left.limit_watts:,.0f} W"
    if reading.clock_limit_known and reading.clock_limit_mhz not in (
        left.clock_limit_mhz,
        original.clock_limit_mhz,
    ):
        return (
            f"its clock ceiling is {_clock(reading.clock_limit_mhz)}, we left {_clock(left.clock_limit_mhz)}"
        )
    return next((f"{name} is {value}" for name, value in _others_settings(original, left, reading)), "")


def _others_settings(original: Original, left: Left, reading: Reading) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in reading.settings.items()
        if name not in _PASSING_SETTINGS
        and value not in (left.settings.get(name, value), original.settings.get(name, value))
    ]


def _clock(mhz: int | None) -> str:
    return "none" if mhz is None else f"{mhz:,} MHz"


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_LIMIT_WATTS
