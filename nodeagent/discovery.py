"""Finds the devices that the settings name, for the agent, its commands and the watchdog."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from common.service.settings import SettingsError
from nodeagent.devices.device import DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.psys import find_platform_meter
from nodeagent.devices.registry import KNOWS_REST, DriverSettings, discover, driver, with_rest_bound
from nodeagent.devices.sysfs import Sysfs
from nodeagent.settings import AgentSettings

log = logging.getLogger(__name__)


def check_settings(settings: AgentSettings) -> None:
    """Refuses settings that no process of a node can work with.

    Raises:
        SettingsError: The node's name is missing, a driver is unknown, or nobody says what the rest of the
            node draws.
    """
    if not settings.node_name:
        raise SettingsError("--node-name is required: the name of the Node that this agent runs for")
    for name in settings.devices:
        driver(name)
    if settings.rest_bound_watts < 0 and not (settings.probe or settings.restore):
        _require_known_rest(settings.devices)


def _require_known_rest(drivers: tuple[str, ...]) -> None:
    if not KNOWS_REST.intersection(drivers):
        names = ", ".join(drivers)
        raise SettingsError(f"--rest-bound-watts: {names} cannot know what else the node draws; give a bound")


def find_devices(settings: AgentSettings) -> DeviceSet:
    """Finds the devices that the settings name.

    Raises:
        SettingsError: ``--devices`` names a driver that there is not.
        DeviceError: A driver cannot be reached.
    """
    drivers = DriverSettings(
        node_name=settings.node_name,
        socket_path=Path(settings.simulated_socket),
        call_deadline_seconds=settings.device_deadline_seconds,
        sysfs_root=Path(settings.sysfs_root),
        cpu_nameplate_watts=settings.cpu_nameplate_watts,
        start_seconds=settings.driver_start_seconds,
    )
    found = with_rest_bound(discover(settings.devices, drivers), settings.rest_bound_watts)
    return _with_meter(found, settings)


def _with_meter(found: DeviceSet, settings: AgentSettings) -> DeviceSet:
    """A platform zone that cannot be read leaves the node without a meter, not without an agent."""
    if settings.node_meter == "driver":
        return found
    if settings.node_meter == "none":
        return replace(found, rest_meter=None)
    try:
        return replace(found, rest_meter=find_platform_meter(Sysfs(Path(settings.sysfs_root))))
    except DeviceError as error:
        log.warning("no node meter", extra={"reason": error.reason, "error": str(error)})
        return replace(found, rest_meter=None)
