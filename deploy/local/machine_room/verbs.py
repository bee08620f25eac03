"""What each verb of the wire protocol does to the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.twin.driver import NodeDriver
from common.twin.errors import DeviceLostError
from common.twin.messages import Request, SettingDifference
from deploy.local.machine_room.room import MachineRoom

DEVICE_VERBS = frozenset({"read", "set_power_limit", "set_clock_lock", "reset"})
"""Calls that a hanging device leaves without an answer."""


class Verbs:
    """Answers requests. ``answer`` raises a ``TwinError`` or ``ValueError`` that says why it cannot."""

    def __init__(self, room: MachineRoom) -> None:
        self._room = room
        self._verbs: Mapping[str, Callable[..., Any]] = {
            "discover": lambda request: self._driver(request).discover(),
            "read": lambda request: self._driver(request).read(request.device),
            "read_node": lambda request: self._driver(request).read_node(),
            "set_power_limit": self._set_power_limit,
            "set_clock_lock": self._set_clock_lock,
            "reset": lambda request: self._driver(request).reset(request.device),
            "inject_fault": self._inject_fault,
            "clear_faults": self._clear_faults,
            "reboot": self._reboot,
            "reload_driver": lambda request: self._driver(request).node.reload_driver(),
            "set_load": self._set_load,
            "start_trace": self._start_trace,
            "differences": self._differences,
            "nodes": lambda _request: list(self._room.drivers),
            "truth": lambda request: self._driver(request).truth(),
        }

    def answer(self, request: Request) -> Any:
        """Does what is asked and returns the result."""
        verb = self._verbs.get(request.verb)
        if verb is None:
            raise ValueError(f"verb {request.verb!r} is none of {', '.join(self._verbs)}")
        try:
            return verb(request)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{request.verb}: argument missing or of the wrong type: {error}") from error

    def hangs(self, request: Request) -> bool:
        """Whether a request has to wait for its device to come back."""
        driver = self._room.drivers.get(request.node)
        return driver is not None and request.verb in DEVICE_VERBS and driver.hangs(request.device)

    def _driver(self, request: Request) -> NodeDriver:
        driver = self._room.drivers.get(request.node)
        if driver is None:
            known = ", ".join(self._room.drivers)
            raise DeviceLostError(f"there is no node {request.node!r} here; there are {known}")
        return driver

    def _set_power_limit(self, request: Request) -> None:
        self._driver(request).set_power_limit(request.device, float(request.arguments["watts"]))

    def _set_clock_lock(self, request: Request) -> None:
        mhz = request.arguments["mhz"]
        self._driver(request).set_clock_lock(request.device, None if mhz is None else int(mhz))

    def _inject_fault(self, request: Request) -> None:
        arguments = request.arguments
        self._driver(request).inject_fault(request.device, arguments["kind"], arguments.get("seconds"))

    def _clear_faults(self, request: Request) -> None:
        drivers = [self._driver(request)] if request.node else self._room.drivers.values()
        for driver in drivers:
            driver.faults.clear(request.device)

    def _reboot(self, request: Request) -> str:
        self._driver(request)
        return self._room.reboot(request.node)

    def _set_load(self, request: Request) -> None:
        self._room.playback.set_factor(request.arguments["workload"], request.arguments["load_factor"])

    def _start_trace(self, request: Request) -> None:
        arguments = request.arguments
        speed, offset_seconds = float(arguments["speed"]), float(arguments["offset_seconds"])
        self._room.playback.start(self._room.now, speed, offset_seconds)

    def _differences(self, request: Request) -> list[SettingDifference]:
        drivers = [self._driver(request)] if request.node else self._room.drivers.values()
        return [difference for driver in drivers for difference in driver.differences()]
