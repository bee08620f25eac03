"""Lowers devices to what fits the base: each on a thread of its own, and never upwards."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nodeagent.devices.device import Device, DeviceSet
from nodeagent.devices.errors import DeadlineExceededError, DeviceError
from nodeagent.guard.model import GuardDevice, charged_total
from nodeagent.guard.split import SplitSettings, split
from nodeagent.watchdog.holding import Holding

_AT_ONCE = 4
"""Each thread costs memory for good; a device that hangs delays all that come after it by one deadline."""


@dataclass(frozen=True)
class Lowered:
    """What came of it.

    Attributes:
        charged_watts: What the node may draw at the worst by the limits read back.
        limits: Limits that were written, by device.
        failures: Why a device could not be read or written, by device.
    """

    charged_watts: int
    limits: Mapping[str, int]
    failures: Mapping[str, str]


class Lowering:
    """Brings the devices of a node under its base, as far as their floors allow.

    Args:
        hardware: The devices, on a handle of the watchdog's own.
        deadline_seconds: A device that is later counts as failed.
        may_write: Asked right before each write: an agent that is back has the last word.
    """

    def __init__(self, hardware: DeviceSet, deadline_seconds: float, may_write: Callable[[], bool]) -> None:
        self._hardware = hardware
        self._deadline_seconds = deadline_seconds
        self._may_write = may_write
        self._stuck: dict[str, threading.Thread] = {}

    def lower(self, holding: Holding) -> Lowered:
        """Reads all devices, writes those that are too high, and reads them back.

        A device that cannot be read counts at nameplate; one whose originals were never saved is left alone.
        """
        seen, failures = self._on_each({d.info.id: _reader(d) for d in self._hardware.devices})
        views = [self._view(device, seen, holding) for device in self._hardware.devices]
        rest_watts = self._hardware.rest_bound_watts
        limits: dict[str, int] = {}
        if rest_watts + charged_total(views) > holding.base_watts:
            wanted = split(holding.base_watts, rest_watts, views, SplitSettings()).limits
            limits = {v.id: wanted[v.id] for v in views if v.writable and wanted[v.id] < v.limit_watts}
        writers = {d.info.id: self._writer(d, limits[d.info.id]) for d in self._devices(limits)}
        written, refused = self._on_each(writers)
        views = [self._view(device, {**seen, **written}, holding) for device in self._hardware.devices]
        return Lowered(rest_watts + charged_total(views), limits, {**failures, **refused})

    def close(self) -> None:
        """Lets go of the devices that do not hang."""
        for device in self._hardware.devices:
            if device.info.id not in self._stuck:
                device.close()

    def _devices(self, limits: Mapping[str, int]) -> list[Device]:
        return [device for device in self._hardware.devices if device.info.id in limits]

    def _view(self, device: Device, seen: Mapping[str, float], holding: Holding) -> GuardDevice:
        info = device.info
        limit = math.ceil(seen.get(info.id, info.nameplate_watts))
        return GuardDevice(
            id=info.id,
            floor_watts=info.floor_watts,
            nameplate_watts=info.nameplate_watts,
            excursion_ratio=info.one_second_excursion_ratio,
            limit_watts=limit,
            exposure_watts=limit,
            writable=info.limits_watts and info.id in seen and info.id in holding.devices,
        )

    def _writer(self, device: Device, watts: int) -> Callable[[], float]:
        def write() -> float:
            if self._may_write():
                device.write_power_limit(watts)
            return device.read().limit_watts

        return write

    def _on_each(self, calls: Mapping[str, Callable[[], float]]) -> tuple[dict[str, float], dict[str, str]]:
        """Runs one call per device at once; returns limits and failures by device."""
        self._stuck = {name: thread for name, thread in self._stuck.items() if thread.is_alive()}
        done: dict[str, float] = {}
        failures = dict.fromkeys(self._stuck.keys() & calls.keys(), DeadlineExceededError.reason)
        waiting = [name for name in calls if name not in self._stuck]
        while waiting:
            wave, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            self._run_wave({name: calls[name] for name in wave}, done, failures)
        return dict(done), dict(failures)

    def _run_wave(
        self, calls: Mapping[str, Callable[[], float]], done: dict[str, float], failures: dict[str, str]
    ) -> None:
        threads = {
            name: threading.Thread(target=_run, args=(name, call, done, failures), daemon=True)
            for name, call in calls.items()
        }
        for thread in threads.values():
            thread.start()
        ends = time.monotonic() + self._deadline_seconds
        for name, thread in threads.items():
            thread.join(max(ends - time.monotonic(), 0.0))
            if thread.is_alive():
                self._stuck[name] = thread
                failures[name] = DeadlineExceededError.reason


def _reader(device: Device) -> Callable[[], float]:
    return lambda: device.read().limit_watts


def _run(name: str, call: Callable[[], float], done: dict[str, float], failures: dict[str, str]) -> None:
    try:
        done[name] = call()
    except DeviceError as error:
        failures[name] = f"{error.reason}: {error}"
    except Exception as error:  # a driver's own surprise must not silence the other devices
        failures[name] = repr(error)
