"""Originals of the devices: saved before the first write, in step with the writes, dropped at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from nodeagent.hardware.jobs import Change
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.state.originals import Original, as_found, as_left, changed_by_others
from nodeagent.state.store import StateStore

log = logging.getLogger(__name__)

_SETTLED_SECONDS = 20.0
"""A device that was not written for so long is noted as left: limits that move cost the disk nothing."""


class OriginalsKeeper:
    """Keeps the state directory in step with what is done to devices.

    Args:
        store: The open state directory.
        clock: Monotonic seconds.

    Attributes:
        problem: Why nothing is written to devices, in plain words; empty where all is well.
    """

    def __init__(self, store: StateStore, clock: Callable[[], float]) -> None:
        self.problem = ""
        self._store = store
        self._clock = clock

    def keep(self, devices: Sequence[ManagedDevice]) -> bool:
        """Saves the originals of devices that have none saved; whether these devices may be written."""
        if self._store.broken:
            self._report(self._store.broken)
            return False
        missing = [d for d in devices if d.info.id not in self._store.originals]
        try:
            self._store.keep_originals(
                {d.info.id: as_found(d.reading) for d in missing if d.reading is not None}
            )
        except OSError as error:
            self._report(f"originals could not be saved, so nothing is written: {error}")
            return False
        self.problem = ""
        return True

    def note_writing(self, changes: Sequence[tuple[ManagedDevice, Change]]) -> bool:
        """Notes on disk that these devices are about to be written; whether that worked.

        Where it does not, limits are lowered all the same, because a full disk must not stop a cut: an agent
        that comes after a crash in that moment then takes such a device for somebody else's.
        """
        try:
            self._store.note_writing({device.info.id: change.sets_clock for device, change in changes})
        except OSError as error:
            log.error("writes are not noted on disk", extra={"error": str(error)})
            return False
        return True

    def note_left(self, devices: Iterable[ManagedDevice], settled_seconds: float = _SETTLED_SECONDS) -> None:
        """Notes what devices were left with, once they have not been written for so long."""
        now = self._clock()
        left = {
            d.info.id: as_left(d.reading)
            for d in devices
            if self._is_unsettled(d.info.id)
            and d.reading is not None
            and d.fault is None
            and d.change is None
            and now - d.changed_at >= settled_seconds
        }
        try:
            self._store.note_left(left)
        except OSError as error:
            log.error("settings left are not noted on disk", extra={"error": str(error)})

    def others_change(self, device: ManagedDevice) -> str:
        """Returns what somebody else changed on a device since we left it; empty where nothing is known."""
        original = self._store.original(device.info.id)
        if original is None or device.reading is None:
            return ""
        lowered = self._store.lowered_by_watchdog(device.info.id)
        return changed_by_others(original, device.reading, device.info.nameplate_watts, lowered)

    def forget(self, devices: Iterable[ManagedDevice]) -> bool:
        """Drops the originals of devices that are as found, or somebody else's; whether that worked."""
        found = {device.info.id: device for device in devices}
        try:
            self._store.forget_originals(set(found))
        except OSError as error:
            self._report(f"saved originals could not be dropped: {error}")
            return False
        for device in found.values():
            device.let_go()
        return True

    def refuses(self) -> bool:
        """Whether saved state could not be read, so that nothing may be written; reports it."""
        if self._store.broken:
            self._report(self._store.broken)
        return bool(self._store.broken)

    def _is_unsettled(self, name: str) -> bool:
        original: Original | None = self._store.original(name)
        return original is not None and (original.unsettled or original.left is None)

    def _report(self, problem: str) -> None:
        if self.problem != problem:
            log.error("devices are not written", extra={"why": problem})
        self.problem = problem
