"""Which writes are due: what differs from what shall be, as far as it may be tried now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nodeagent.guard.model import GuardDevice
from nodeagent.guard.order import writes_now
from nodeagent.guard.split import Split
from nodeagent.hardware.jobs import Change
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.targets import Targets
from nodeagent.state.originals import Original

Due = list[tuple[ManagedDevice, Change]]


@dataclass(frozen=True)
class Aim:
    """What shall be.

    Attributes:
        targets: Settings outside of any budget.
        split: The guard's limits; None without a budget.
        views: All devices as the guard sees them.
        budget_watts: What the node may draw; without meaning where there is no split.
        aside_watts: What of it is kept for all that is not a device.
        may_raise: Whether limits may be raised.
    """

    targets: Targets
    split: Split | None
    views: Sequence[GuardDevice]
    budget_watts: int
    aside_watts: int
    may_raise: bool


class ChangeFinder:
    """Compares devices with what they shall be.

    Args:
        devices: All devices by id.
        originals: Settings as found, by device.
        clock: Monotonic seconds.

    Attributes:
        waits: Whether a write is due to a device that is busy; it goes as soon as the device has answered.
    """

    def __init__(
        self,
        devices: Mapping[str, ManagedDevice],
        originals: Callable[[], Mapping[str, Original]],
        clock: Callable[[], float],
    ) -> None:
        self.waits = False
        self._devices = devices
        self._originals = originals
        self._clock = clock

    def due(self, aim: Aim) -> Due:
        """Returns what is to be written now to devices that are free and nobody else's, cuts first."""
        whole = self._given_back_whole(aim.targets)
        due = self._limits(aim.targets, whole)
        if aim.split is not None:
            due += self._guarded(aim, aim.split) + self._retries()
        due += self._clocks(aim.targets, whole)
        due += [
            (device, self._put_back(device.info.id)) for device in self._found(whole) if self._keeps(device)
        ]
        ours = [(device, change) for device, change in due if not (device.owner or device.left_alone)]
        self.waits = any(device.busy for device, _ in ours)
        return [(device, change) for device, change in ours if not device.busy]

    def is_restored(self, name: str) -> bool:
        """Whether a device is as it was found."""
        device, original = self._devices[name], self._originals().get(name)
        if original is None:
            return True
        reading = device.reading
        if reading is None or device.change is not None or device.fault is not None:
            return False
        if original.settings:
            return device.given_back
        clock = reading.clock_limit_known and reading.clock_limit_mhz == original.clock_limit_mhz
        return reading.obeys(original.limit_watts) and (clock or not _sets_clock(original, device))

    def _limits(self, targets: Targets, whole: Mapping[str, object]) -> Due:
        return [
            (device, Change(watts=targets.watts[device.info.id]))
            for device in self._found(targets.watts)
            if device.info.id not in whole and self._differs(device, targets.watts[device.info.id])
        ]

    def _guarded(self, aim: Aim, split: Split) -> Due:
        writes = writes_now(
            split.limits,
            aim.views,
            budget_watts=aim.budget_watts,
            rest_watts=aim.aside_watts,
            may_raise=aim.may_raise,
        )
        return [(self._devices[write.device_id], Change(watts=write.watts)) for write in writes]

    def _clocks(self, targets: Targets, whole: Mapping[str, object]) -> Due:
        return [
            (device, Change(clock_mhz=targets.clocks[device.info.id], sets_clock=True))
            for device in self._found(targets.clocks)
            if device.info.id not in whole and self._clock_differs(device, targets)
        ]

    def _found(self, names: Mapping[str, object]) -> list[ManagedDevice]:
        return [self._devices[name] for name in names]

    def _put_back(self, name: str) -> Change:
        original = self._originals()[name]
        return Change(settings=original.settings, clock_written=original.clock_written)

    def _given_back_whole(self, targets: Targets) -> dict[str, dict[str, str]]:
        """Settings as found of devices that nothing holds any more, where the driver puts them back."""
        originals = self._originals()
        return {name: originals[name].settings for name in targets.restored if originals[name].settings}

    def _keeps(self, device: ManagedDevice) -> bool:
        """Whether a device that is to be given back is not, and may be tried now."""
        if device.reading is None or device.given_back:
            return False
        return device.fault is None or device.fault.retry_at <= self._clock()

    def _retries(self) -> Due:
        """A device that refused a limit is tried again with its floor, which no budget can object to."""
        now = self._clock()
        return [
            (device, Change(watts=device.info.floor_watts))
            for device in self._devices.values()
            if device.fault is not None and device.fault.on_write and device.fault.retry_at <= now
        ]

    def _differs(self, device: ManagedDevice, watts: float) -> bool:
        if device.reading is None or not device.info.limits_watts:
            return False
        if device.fault is not None and device.fault.retry_at > self._clock():
            return False
        return not device.reading.obeys(watts)

    def _clock_differs(self, device: ManagedDevice, targets: Targets) -> bool:
        name, reading = device.info.id, device.reading
        if reading is None or device.fault is not None:
            return False
        if device.clock_fault is not None and device.clock_fault.retry_at > self._clock():
            return False
        original = self._originals().get(name)
        # What cannot be read may be a person's: it is touched where a ceiling is asked for, or was by us.
        leaving = name in targets.restored and original is not None and _sets_clock(original, device)
        return (leaving and not reading.clock_limit_known) or reading.clock_limit_mhz != targets.clocks[name]


def _sets_clock(original: Original, device: ManagedDevice) -> bool:
    """Whether the clock ceiling is ours to put back."""
    known = device.reading is not None and device.reading.clock_limit_known
    return original.clock_written or known
