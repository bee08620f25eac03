"""Which drivers there are, by the name that ``--devices`` knows them under."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nodeagent.devices.device import Awaited, DeviceSet
from nodeagent.devices.errors import DeviceUnreachableError


@dataclass(frozen=True)
class DriverSettings:
    """What drivers may need to find devices.

    Attributes:
        node_name: The node's name.
        socket_path: Where the host of simulated devices listens.
        call_deadline_seconds: How long one call may take.
        start_seconds: How long a driver may take to say which devices it has.
        sysfs_root: Where the host's sysfs is mounted.
        cpu_nameplate_watts: Rated power of a CPU package whose kernel does not know it.
    """

    node_name: str
    socket_path: Path
    call_deadline_seconds: float
    sysfs_root: Path = Path("/sys")
    cpu_nameplate_watts: int = 500
    start_seconds: float = 30.0


Driver = Callable[[DriverSettings], DeviceSet]


# Each driver is loaded when it is asked for: the watchdog has to stay tiny.


def _simulated(settings: DriverSettings) -> DeviceSet:
    from nodeagent.devices import simulated  # noqa: PLC0415

    return simulated.discover(settings.socket_path, settings.node_name, settings.call_deadline_seconds)


def _nvml(settings: DriverSettings) -> DeviceSet:
    from nodeagent.devices import nvml, nvml_start, pci  # noqa: PLC0415

    patience = nvml.Patience(settings.call_deadline_seconds, settings.start_seconds)
    try:
        return nvml.discover(patience, start=nvml_start.PROCESS_START)
    except DeviceUnreachableError as error:
        # One DaemonSet runs on all nodes; boards whose driver is not up yet are waited for.
        count = pci.count_nvidia_boards(settings.sysfs_root)
        if count == 0:
            return DeviceSet(devices=[], rest_bound_watts=0)
        if count is not None and isinstance(error, nvml_start.DriverSilentError):
            # A driver that hangs may hang for ever, and the other devices must not wait for it.
            return nvml.unanswered(count, error)
        raise


def _cpu(settings: DriverSettings) -> DeviceSet:
    from nodeagent.devices import cpu  # noqa: PLC0415

    return cpu.discover(cpu.CpuSettings(settings.sysfs_root, settings.cpu_nameplate_watts))


DRIVERS: Mapping[str, Driver] = {"simulated": _simulated, "nvml": _nvml, "cpu": _cpu}

KNOWS_REST = frozenset({"simulated"})
"""Drivers that bound what the rest of the node draws."""


def driver(name: str, drivers: Mapping[str, Driver] = DRIVERS) -> Driver:
    """Returns the driver of a name.

    Raises:
        SettingsError: There is none of that name; the message lists those there are.
    """
    if name not in drivers:
        from common.service.options import SettingsError  # noqa: PLC0415

        known = ", ".join(sorted(drivers))
        raise SettingsError(f"--devices: no driver is named {name!r}. Known drivers: {known}")
    return drivers[name]


def discover(names: tuple[str, ...], settings: DriverSettings) -> DeviceSet:
    """Finds the devices of every named driver, as one set.

    Raises:
        SettingsError: A name is unknown.
        DeviceError: A driver cannot be reached.
    """
    found = [driver(name)(settings) for name in names]
    return DeviceSet(
        devices=[device for part in found for device in part.devices],
        rest_bound_watts=sum(part.rest_bound_watts for part in found),
        boot_id=next((part.boot_id for part in found if part.boot_id), ""),
        rest_meter=next((part.rest_meter for part in found if part.rest_meter is not None), None),
        read_boot_id=next((part.read_boot_id for part in found if part.boot_id), None),
        awaited=_awaited(found),
        outdated=lambda: any(part.outdated() for part in found),
    )


def _awaited(parts: Sequence[DeviceSet]) -> Awaited | None:
    found = [part.awaited for part in parts if part.awaited is not None]
    if not found:
        return None
    ids = frozenset().union(*(one.ids for one in found))
    return Awaited(ids, found[0].reason, "; ".join(one.why for one in found))


def with_rest_bound(found: DeviceSet, rest_bound_watts: int) -> DeviceSet:
    """Returns the devices under a bound on the rest of the node that somebody set; -1 keeps the drivers'."""
    return replace(found, rest_bound_watts=rest_bound_watts) if rest_bound_watts >= 0 else found
