"""Boards that did not answer when they were looked for: they draw all the same, so they are counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nodeagent.devices.device import KIND_GPU, Awaited, DeviceInfo, Reading
from nodeagent.devices.errors import DeviceError

UNKNOWN_NAMEPLATE_WATTS = 1400
"""The highest that a board has today (GB300); for a node none of whose boards tells its own."""


class UnreadableBoard:
    """A board in the place of one that could not be read; every call fails as its discovery did.

    Args:
        index: The board's index; its UUID is unknown.
        nameplate_watts: What it may draw at the worst.
        error: Why it could not be read.
    """

    def __init__(self, index: int, nameplate_watts: int, error: DeviceError) -> None:
        self._error = error
        self._info = DeviceInfo(
            id=f"gpu-{index}",
            kind=KIND_GPU,
            index=index,
            model=f"unreadable ({error.reason})",
            floor_watts=nameplate_watts,
            nameplate_watts=nameplate_watts,
            minimum_clock_mhz=0,
            maximum_clock_mhz=0,
            one_second_excursion_ratio=0.0,
            settle_seconds=0.0,
            limits_watts=False,
        )

    @property
    def info(self) -> DeviceInfo:
        """What is assumed of the board."""
        return self._info

    @property
    def why(self) -> str:
        """Why it could not be read."""
        return f"{self._error.reason}: {self._error}"

    def read(self) -> Reading:
        """Raises why the board could not be read."""
        raise self._failure()

    def write_power_limit(self, watts: float) -> None:
        """Raises why the board could not be read."""
        raise self._failure()

    def write_clock_limit(self, mhz: int | None) -> None:
        """Raises why the board could not be read."""
        raise self._failure()

    def close(self) -> None:
        """Does nothing."""

    def _failure(self) -> DeviceError:
        return type(self._error)(f"{self._error}; the agent goes on looking for it")


def assumed_nameplate_watts(readable: Iterable[DeviceInfo]) -> int:
    """Returns the nameplate of a board that does not tell it: the highest of those beside it."""
    return max((info.nameplate_watts for info in readable), default=UNKNOWN_NAMEPLATE_WATTS)


def awaited_boards(missing: Sequence[UnreadableBoard]) -> Awaited | None:
    """Returns what is to be looked for again; None where every board has answered."""
    if not missing:
        return None
    why = "; ".join(f"{board.info.id}: {board.why}" for board in missing)
    watts = f"{missing[0].info.nameplate_watts:,} W"
    return Awaited(
        frozenset(board.info.id for board in missing),
        "DevicesUnreadable",
        f"GPUs that could not be read count at {watts} each, which no limit holds: {why}",
    )
