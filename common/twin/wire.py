"""Blocking clients of simulated devices over a Unix socket: one for drivers, one for tests and tools."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from common.twin.connection import Connection
from common.twin.errors import CallTimeoutError, ConnectionLostError, TwinError
from common.twin.messages import (
    DeviceReading,
    GpuInfo,
    NodeInventory,
    NodeReading,
    PackageInfo,
    SettingDifference,
    Truth,
)

__all__ = [
    "AdminClient", "CallTimeoutError", "ConnectionLostError", "DeviceReading", "GpuInfo", "NodeInventory",
    "NodeReading", "PackageInfo", "SettingDifference", "Truth", "TwinClient", "TwinError",
]  # fmt: skip

T = TypeVar("T")


class _Client:
    """What both clients share: a connection that a ``with`` block closes."""

    def __init__(self, socket_path: str | Path, deadline_seconds: float) -> None:
        self._connection = Connection(socket_path, deadline_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; the next call opens a new one."""
        self._connection.close()


class TwinClient(_Client):
    """The devices of one simulated node, as a driver sees them.

    ``device`` is a GPU's UUID or a package's ``device`` ("package-0"). Every method raises a ``TwinError``
    (see ``common.twin.errors``), ``CallTimeoutError`` after ``deadline_seconds`` among them.
    """

    def __init__(self, socket_path: str | Path, node_name: str, *, deadline_seconds: float = 2.0) -> None:
        super().__init__(socket_path, deadline_seconds)
        self._node = node_name

    def discover(self) -> NodeInventory:
        """Returns the node's devices and its boot id."""
        return _as(NodeInventory, self._connection.call("discover", node=self._node))

    def read(self, device: str) -> DeviceReading:
        """Returns one look at a device."""
        return _as(DeviceReading, self._connection.call("read", node=self._node, device=device))

    def read_node(self) -> NodeReading:
        """Returns one look at the node: boot id and the meter of all that is neither GPU nor package."""
        return _as(NodeReading, self._connection.call("read_node", node=self._node))

    def set_power_limit(self, device: str, watts: float) -> None:
        """Asks for a limit, in watts; ``OutOfRangeError`` outside the device's range."""
        self._connection.call("set_power_limit", node=self._node, device=device, watts=watts)

    def set_clock_lock(self, device: str, mhz: int | None) -> None:
        """Sets the highest clock, in MHz, that a GPU or package may run at; None lets go of it."""
        self._connection.call("set_clock_lock", node=self._node, device=device, mhz=mhz)

    def reset(self, device: str) -> None:
        """Gives a device back its own defaults: no clock lock, default limit."""
        self._connection.call("reset", node=self._node, device=device)


class AdminClient(_Client):
    """What no driver may do: faults, reboots, load, truth. For tests, demos and tools."""

    def __init__(self, socket_path: str | Path, *, deadline_seconds: float = 5.0) -> None:
        super().__init__(socket_path, deadline_seconds)

    def inject_fault(self, node: str, device: str, kind: str, seconds: float | None = None) -> None:
        """Breaks a device for so many seconds, or until ``clear_faults`` (kinds: ``messages.FAULTS``)."""
        self._connection.call("inject_fault", node=node, device=device, kind=kind, seconds=seconds)

    def clear_faults(self, node: str = "", device: str = "") -> None:
        """Mends one device, all of a node's, or all there are."""
        self._connection.call("clear_faults", node=node, device=device)

    def reboot(self, node: str) -> str:
        """Reboots a node: settings vanish, the boot id changes. Returns the new boot id."""
        return _as(str, self._connection.call("reboot", node=node))

    def reload_driver(self, node: str) -> None:
        """Reloads the GPU driver: GPU limits and clock locks vanish, the boot id stays."""
        self._connection.call("reload_driver", node=node)

    def set_load(self, workload: str, load_factor: float | None) -> None:
        """Multiplies a workload's load from the trace (1.0 = as recorded); None ends the override."""
        self._connection.call("set_load", workload=workload, load_factor=load_factor)

    def start_trace(self, speed: float = 1.0, offset_seconds: float = 0.0) -> None:
        """Plays the load trace from an offset on, so many times as fast as recorded."""
        self._connection.call("start_trace", speed=speed, offset_seconds=offset_seconds)

    def differences(self, node: str = "") -> list[SettingDifference]:
        """Returns every setting that is not as found, of one node or of all."""
        return _as(list[SettingDifference], self._connection.call("differences", node=node))

    def nodes(self) -> list[str]:
        """Returns the names of the nodes that are hosted."""
        return _as(list[str], self._connection.call("nodes"))

    def truth(self, node: str) -> Truth:
        """Returns the true draw of a node, part by part."""
        return _as(Truth, self._connection.call("truth", node=node))


def _as(expected: type[T], result: Any) -> T:
    return msgspec.convert(result, type=expected)
