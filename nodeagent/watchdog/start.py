"""Starts the watchdog from the agent's settings."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import nodeagent
from common.service.settings import SettingsError
from nodeagent.discovery import check_settings
from nodeagent.settings import AgentSettings
from nodeagent.watchdog.orders import Orders

_PROGRAM = "from nodeagent.watchdog.main import main; raise SystemExit(main())"
"""Without ``-m``, whose machinery would stay in memory."""

_SMALL_HEAPS = {"MALLOC_ARENA_MAX": "1", "MALLOC_TOP_PAD_": "0", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""For glibc: one heap for all threads, given back to the kernel in small pieces."""


def start_watchdog(settings: AgentSettings) -> int:
    """Becomes the watchdog; returns only where the settings are refused, with the exit status.

    An interpreter without ``site`` and without the settings' machinery is 4 MiB smaller for good.
    """
    try:
        check_settings(settings)
    except SettingsError as error:
        sys.stderr.write(f"nodeagent: {error}\n")
        return 2
    names = [field.name for field in dataclasses.fields(Orders)]
    orders = Orders(**{name: getattr(settings, name) for name in names})
    paths = [str(Path(nodeagent.__path__[0]).parent), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), **_SMALL_HEAPS}
    command = [sys.executable, "-S", "-X", "no_debug_ranges", "-c", _PROGRAM, orders.to_text()]
    return os.execve(sys.executable, command, environment)  # noqa: S606 - the interpreter that runs this very code
