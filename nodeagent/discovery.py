"""Finds the devices that the settings name, for the agent, its commands and the watchdog."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from common.service.settings import SettingsError
from nodeagent.devices.device import DeviceSet
from nodeagent.devices.registry import DriverSettings, discover, driver
from nodeagent.settings import AgentSettings


def check_settings(settings: AgentSettings) -> None:
    """Refuses settings that no process of a node can work with.

    Raises:
        SettingsError: The node's name is missing, or a driver is unknown.
    """
    if not settings.node_name:
        raise SettingsError("--node-name is required: the name of the Node that this agent runs for")
    for name in settings.devices:
        driver(name)


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
    )
    found = discover(settings.devices, drivers)
    if settings.rest_bound_watts >= 0:
        return replace(found, rest_bound_watts=settings.rest_bound_watts)
    return found
