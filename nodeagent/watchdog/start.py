"""Starts the watchdog from the agent's settings."""

from __future__ import annotations

import sys
from pathlib import Path

from common.service.settings import SettingsError
from nodeagent.discovery import check_settings, find_devices
from nodeagent.settings import AgentSettings
from nodeagent.watchdog.process import Watchdog, watch


def start_watchdog(settings: AgentSettings) -> int:
    """Watches until the process is asked to stop; returns its exit status."""
    try:
        check_settings(settings)
    except SettingsError as error:
        sys.stderr.write(f"nodeagent: {error}\n")
        return 2
    watchdog = Watchdog(
        Path(settings.state_dir),
        lambda: find_devices(settings),
        deadline_seconds=settings.device_deadline_seconds,
        silence_seconds=settings.watchdog_silence_seconds,
    )
    watch(watchdog)
    return 0
