"""Driver of simulated devices: speaks to the process that hosts them over its Unix socket."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.twin import errors as twin
from common.twin.messages import GpuInfo, PackageInfo
from common.twin.wire import TwinClient
from nodeagent.devices.device import KIND_CPU, KIND_GPU, DeviceInfo, DeviceSet, Reading
from nodeagent.devices.errors import (
    DeadlineExceededError,
    DeviceError,
    DeviceLostError,
    DeviceUnreachableError,
    NoPermissionError,
    NotSupportedError,
    OutOfRangeError,
)

_ERRORS: dict[type[twin.TwinError], type[DeviceError]] = {
    twin.NotSupportedError: NotSupportedError,
    twin.NoPermissionError: NoPermissionError,
    twin.DeviceLostError: DeviceLostError,
    twin.OutOfRangeError: OutOfRangeError,
    twin.CallTimeoutError: DeadlineExceededError,
    twin.ConnectionLostError: DeviceUnreachableError,
}


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except twin.TwinError as error:
        raise _ERRORS.get(type(error), DeviceError)(str(error)) from error


class SimulatedDevice:
    """One simulated GPU or package on a connection of its own, so that it can hang alone."""

    def __init__(self, client: TwinClient, name: str, info: DeviceInfo) -> None:
        self._client = client
        self._name = name
        self._info = info

    @property
    def info(self) -> DeviceInfo:
        """What the device said about itself when it was found."""
        return self._info

    def read(self) -> Reading:
        """Returns draw, energy, clock and settings."""
        with _own_errors():
            seen = self._client.read(self._name)
        return Reading(
            draw_watts=seen.draw_watts,
            energy_millijoules=seen.energy_millijoules,
            limit_watts=seen.enforced_limit_watts,
            requested_watts=seen.requested_limit_watts,
            clock_mhz=seen.clock_mhz,
            clock_limit_mhz=seen.clock_lock_mhz,
        )

    def write_power_limit(self, watts: float) -> None:
        """Asks for a watt limit."""
        with _own_errors():
            self._client.set_power_limit(self._name, watts)

    def write_clock_limit(self, mhz: int | None) -> None:
        """Asks for a clock ceiling; None lets go of it."""
        with _own_errors():
            self._client.set_clock_lock(self._name, mhz)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


class SimulatedRestMeter:
    """The node's meter of all that is neither GPU nor package."""

    def __init__(self, client: TwinClient, boot_id: str) -> None:
        self.boot_id = boot_id
        self._client = client

    def read_watts(self) -> float:
        """Returns the present draw of the rest of the node."""
        with _own_errors():
            seen = self._client.read_node()
        self.boot_id = seen.boot_id
        return seen.rest_watts


def discover(socket_path: Path, node: str, deadline_seconds: float) -> DeviceSet:
    """Finds the simulated devices of a node.

    Args:
        socket_path: Where the host of the devices listens.
        node: The node's name there.
        deadline_seconds: How long one call may take.

    Raises:
        DeviceError: The host cannot be reached, or knows no such node.
    """

    def connect() -> TwinClient:
        return TwinClient(socket_path, node, deadline_seconds=deadline_seconds)

    with _own_errors(), connect() as client:
        inventory = client.discover()
    gpus = [SimulatedDevice(connect(), gpu.uuid, _gpu_info(gpu)) for gpu in inventory.gpus]
    packages = [SimulatedDevice(connect(), p.device, _package_info(p)) for p in inventory.packages]
    meter = SimulatedRestMeter(connect(), inventory.boot_id)
    return DeviceSet(
        devices=[*gpus, *packages],
        rest_bound_watts=math.ceil(inventory.rest_bound_watts),
        boot_id=inventory.boot_id,
        rest_meter=meter,
        read_boot_id=lambda: meter.boot_id,
    )


def _gpu_info(gpu: GpuInfo) -> DeviceInfo:
    return _info(gpu, gpu.uuid, KIND_GPU, gpu.index)


def _package_info(package: PackageInfo) -> DeviceInfo:
    return _info(package, package.device, KIND_CPU, package.package_id)


def _info(found: GpuInfo | PackageInfo, name: str, kind: str, index: int) -> DeviceInfo:
    energy_range = found.energy_range_millijoules if isinstance(found, PackageInfo) else 0
    return DeviceInfo(
        id=name,
        kind=kind,
        index=index,
        model=found.model_name,
        floor_watts=math.ceil(found.min_limit_watts),
        nameplate_watts=math.floor(found.max_limit_watts),
        minimum_clock_mhz=found.min_clock_mhz,
        maximum_clock_mhz=found.max_clock_mhz,
        one_second_excursion_ratio=found.one_second_excursion_ratio,
        settle_seconds=found.settle_seconds,
        energy_range_millijoules=energy_range,
    )
