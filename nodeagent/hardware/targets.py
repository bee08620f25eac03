"""What each device shall be set to, from the verdict, the set points and the saved originals. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodeagent.devices.device import DeviceInfo
from nodeagent.obedience.verdict import Course
from nodeagent.setpoints import SetPoints, clamped_clock_mhz, clamped_watts
from nodeagent.state.originals import Original


@dataclass(frozen=True)
class Targets:
    """Settings that shall be, by device; a device that is missing stays as it is.

    Attributes:
        watts: Watt limits outside of any budget: set points, and originals that go back.
        clocks: Clock ceilings; None lets go of one.
        restored: Devices that nothing holds any more: their originals go back, and are then forgotten.
    """

    watts: Mapping[str, float] = field(default_factory=dict)
    clocks: Mapping[str, int | None] = field(default_factory=dict)
    restored: frozenset[str] = frozenset()


def choose_targets(
    course: Course, infos: Mapping[str, DeviceInfo], points: SetPoints, originals: Mapping[str, Original]
) -> Targets:
    """Returns the targets; under a budget the watt limits are the guard's, and only clocks come from here.

    Args:
        course: What the node is doing about budgets.
        infos: All devices by id.
        points: Explicit set points.
        originals: Settings as found, of every device that was written and not yet given back.
    """
    saved = {name: original for name, original in originals.items() if name in infos}
    if course is Course.HOLD:
        return Targets()
    if course is Course.RELEASE:
        return _restoring(saved, frozenset(saved))
    clocks = _clocks(infos, points, saved)
    if course is not Course.UNTOUCHED:
        return Targets(clocks=clocks)
    watts = {
        name: float(limit)
        for name, info in infos.items()
        if (limit := clamped_watts(points.of(name), info)) is not None
    }
    back = {name: original.limit_watts for name, original in saved.items() if name not in watts}
    free = frozenset(name for name in saved if name not in points.by_device)
    return Targets({**back, **watts}, clocks, free)


def _restoring(saved: Mapping[str, Original], free: frozenset[str]) -> Targets:
    return Targets(
        watts={name: original.limit_watts for name, original in saved.items()},
        clocks={name: original.clock_limit_mhz for name, original in saved.items()},
        restored=free,
    )


def _clocks(
    infos: Mapping[str, DeviceInfo], points: SetPoints, saved: Mapping[str, Original]
) -> dict[str, int | None]:
    back: dict[str, int | None] = {name: original.clock_limit_mhz for name, original in saved.items()}
    asked = {name: clamped_clock_mhz(points.of(name), info) for name, info in infos.items()}
    return {**back, **{name: mhz for name, mhz in asked.items() if mhz is not None}}
