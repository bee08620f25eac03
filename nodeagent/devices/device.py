"""The device interface: what the agent needs of a GPU or a CPU package, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

KIND_GPU = "gpu"
KIND_CPU = "cpu"

SAME_LIMIT_WATTS = 0.5
"""Limits that differ by no more are the same: devices round, and only whole watts are ever asked for."""


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says about itself once.

    Attributes:
        id: Unique on the node: a GPU's UUID, or a package's name.
        kind: ``KIND_GPU`` or ``KIND_CPU``.
        index: The GPU's index, or the package's number.
        model: Product name, for people.
        floor_watts: The lowest limit that it takes, rounded up to whole watts.
        nameplate_watts: The highest limit that it takes, rounded down to whole watts.
        minimum_clock_mhz: The lowest clock ceiling that it takes.
        maximum_clock_mhz: The highest.
        one_second_excursion_ratio: By how much of a limit the mean draw over any second can exceed it.
        settle_seconds: From the read back of a lower limit until that bound holds for it.
        energy_range_millijoules: Where the energy counter starts again at zero; 0 where it never does.
        limits_watts: Whether it has a watt limit that can be written at all.
    """

    id: str
    kind: str
    index: int
    model: str
    floor_watts: int
    nameplate_watts: int
    minimum_clock_mhz: int
    maximum_clock_mhz: int
    one_second_excursion_ratio: float
    settle_seconds: float
    energy_range_millijoules: int = 0
    limits_watts: bool = True


@dataclass(frozen=True)
class Reading:
    """One look at a device: it enforces ``limit_watts``, and was asked for ``requested_watts``.

    Where ``clock_limit_known`` is false, the device cannot tell its ceiling and this process has not written
    one: none is assumed for the record, and letting go of the device means to write that none shall be.

    ``settings`` is every setting that a write may change, where there are more than these two: as a
    ``RestorableDevice`` wants them back.
    """

    draw_watts: float
    energy_millijoules: int
    limit_watts: float
    requested_watts: float
    clock_mhz: int
    clock_limit_mhz: int | None
    clock_limit_known: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def held_watts(self) -> float:
        """The limit that it is sure to keep: a lower one that somebody else enforces may go any time."""
        return max(self.limit_watts, self.requested_watts)

    def is_set_as(self, other: Reading) -> bool:
        """Whether it shows the limits and the clock ceiling of another; draw, energy and clock may differ."""
        return (
            self.limit_watts == other.limit_watts
            and self.requested_watts == other.requested_watts
            and self.clock_limit_mhz == other.clock_limit_mhz
            and self.clock_limit_known == other.clock_limit_known
        )

    @property
    def is_held_lower(self) -> bool:
        """Whether somebody else holds it under what it was asked for (a BMC, a power service)."""
        return self.limit_watts < self.requested_watts - SAME_LIMIT_WATTS

    def obeys(self, watts: float) -> bool:
        """Whether this is the limit that it was asked for, and it allows no more."""
        asked = abs(self.requested_watts - watts) <= SAME_LIMIT_WATTS
        return asked and self.limit_watts <= watts + SAME_LIMIT_WATTS


class Device(Protocol):
    """One device. Calls block, may hang, and come from one thread at a time.

    Every call raises a ``DeviceError`` of the kind that tells what would help.
    """

    @property
    def info(self) -> DeviceInfo:
        """What the device said about itself when it was found."""
        ...

    def read(self) -> Reading:
        """Returns draw, energy, clock and the settings that are in force."""
        ...

    def write_power_limit(self, watts: float) -> None:
        """Asks for a watt limit."""
        ...

    def write_clock_limit(self, mhz: int | None) -> None:
        """Asks for a clock ceiling; None lets go of it."""
        ...

    def close(self) -> None:
        """Lets go of the connection to the device; its settings stay."""
        ...


@dataclass(frozen=True)
class Awaited:
    """Devices that hold the places of others, whose driver did not say what they are.

    Attributes:
        ids: Which of the devices of a set.
        reason: Why, in CamelCase.
        why: Why, and what would help, in plain words.
    """

    ids: frozenset[str]
    reason: str
    why: str


def _never() -> bool:
    return False


@dataclass(frozen=True)
class DeviceSet:
    """The devices of a node, and a bound on the draw of everything else in it.

    ``awaited`` are those of them that are to be looked for again; None where every one of them has answered.
    ``outdated`` says whether there may be others by now: a driver that was loaded anew may find more.
    ``boot_id`` is what the hardware's host says of itself; empty where the driver does not know it.
    ``read_boot_id`` says it again at any time without waiting.
    """

    devices: list[Device]
    rest_bound_watts: int
    boot_id: str = ""
    rest_meter: RestMeter | NodeMeter | None = None
    read_boot_id: Callable[[], str] | None = None
    awaited: Awaited | None = None
    outdated: Callable[[], bool] = _never

    @property
    def answering(self) -> frozenset[str]:
        """Ids of the devices that have answered."""
        ids = frozenset(device.info.id for device in self.devices)
        return ids - self.awaited.ids if self.awaited is not None else ids

    def says_more_than(self, known: DeviceSet) -> bool:
        """Whether these are to be gone by from now on: more answer, larger ones, or none is awaited any more.

        A device that has merely gone is not given up: nobody knows that it draws nothing.
        """
        kept = self.answering >= known.answering
        if self.answering - known.answering:
            return kept or len(self.devices) >= len(known.devices)
        if not kept:
            return False
        return self._infos(known.answering) != known._infos(known.answering) or (
            known.awaited is not None and self.awaited is None
        )

    def _infos(self, names: frozenset[str]) -> set[DeviceInfo]:
        return {device.info for device in self.devices if device.info.id in names}

    @property
    def why_awaited(self) -> str:
        """Why devices are looked for again; empty where none is."""
        return "" if self.awaited is None else self.awaited.why


@runtime_checkable
class RestMeter(Protocol):
    """A meter of all that is neither GPU nor package (memory, fans, network cards, losses)."""

    def read_watts(self) -> float:
        """Returns the present draw; raises ``DeviceError``."""
        ...


@runtime_checkable
class NodeMeter(Protocol):
    """A counter of all that the node draws, its devices included."""

    @property
    def energy_range_millijoules(self) -> int:
        """Where the counter starts again at zero; 0 where it never does."""
        ...

    def read_energy_millijoules(self) -> int:
        """Returns the counter; raises ``DeviceError``."""
        ...
