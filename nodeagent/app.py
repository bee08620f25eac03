"""The process: commands, or the agent until it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from common.clock import SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.service import logs
from common.service.app import EXIT_FAILED, EXIT_OK, EXIT_USAGE, Service, run
from common.service.settings import SettingsError
from nodeagent.assemble import add_checks, build_agent, open_state
from nodeagent.boot.base import BaseOrders, write_base
from nodeagent.boot.record import save_record
from nodeagent.commands import probe_table, restore
from nodeagent.devices.device import DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.discovery import check_settings, find_devices
from nodeagent.finder import DeviceFinder
from nodeagent.lives import Lives
from nodeagent.settings import AgentSettings
from nodeagent.state.files import StateLockedError
from nodeagent.state.pulse import kernel_boot_id

PROGRAM = "nodeagent"

_ONCE_SECONDS = 3.0
"""Long enough for donors to be cut, to settle, and for the raises after them."""


def start(settings: AgentSettings) -> int:
    """Does what the settings ask and returns the process's exit status."""
    try:
        check_settings(settings)
        command = _command(settings)
        if command is not None:
            return command(settings)
    except SettingsError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return EXIT_USAGE
    except (DeviceError, StateLockedError, OSError) as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return EXIT_FAILED
    service = Service(PROGRAM, settings)
    return run(service, lambda: _run(settings, service, DeviceFinder(partial(find_devices, settings))))


def _command(settings: AgentSettings) -> Callable[[AgentSettings], int] | None:
    """What is to be done instead of running; None where nothing is."""
    asked = {
        _probe: settings.probe,
        _restore: settings.restore,
        _write_base: settings.write_base,
        _once: settings.once,
    }
    return next((command for command, wanted in asked.items() if wanted), None)


def _probe(settings: AgentSettings) -> int:
    found = find_devices(settings)
    sys.stdout.write(probe_table(found))
    return _all_found(found)


def _once(settings: AgentSettings) -> int:
    """A single look must end: devices that are not there are not waited for."""
    found = find_devices(settings)
    service = Service(PROGRAM, settings)
    status = run(service, lambda: _run(settings, service, DeviceFinder(lambda: found)))
    return status or _all_found(found)


def _all_found(found: DeviceSet) -> int:
    if found.awaited is None:
        return EXIT_OK
    sys.stderr.write(f"{PROGRAM}: {found.why_awaited}\n")
    return EXIT_FAILED


def _restore(settings: AgentSettings) -> int:
    logs.configure(settings.log_level, settings.log_format)
    store = open_state(settings)
    try:
        found = find_devices(settings)
        wrong = restore(found.devices, store, over_others=settings.restore_over_others)
    finally:
        store.close()
    for name, failure in wrong.items():
        sys.stderr.write(f"{PROGRAM}: {name}: {failure}\n")
    complete = _all_found(found)
    return EXIT_FAILED if wrong else complete


def _write_base(settings: AgentSettings) -> int:
    directory = Path(settings.state_dir)
    orders = BaseOrders(
        directory=directory,
        boot_id=kernel_boot_id(),
        find_devices=partial(find_devices, settings),
        deadline_seconds=settings.device_deadline_seconds,
        patience_seconds=settings.boot_patience_seconds,
    )
    record = write_base(orders)
    save_record(directory, record)
    sys.stderr.write(f"{PROGRAM}: {record.outcome}\n")
    return EXIT_OK if record.held else EXIT_FAILED


async def _run(settings: AgentSettings, service: Service, finder: DeviceFinder) -> None:
    clock = SystemClock()
    try:
        store = open_state(settings)
    except (StateLockedError, OSError) as error:
        raise SettingsError(f"--state-dir: {error}") from error
    try:
        hardware = await finder.first()
        async with Client(load_config(settings.kubeconfig), user_agent=PROGRAM, clock=clock) as client:
            lives = Lives(partial(build_agent, settings, store=store, client=client, clock=clock), finder)
            lives.begin(hardware)
            service.add_metrics_renderer(lives.render_metrics)
            add_checks(service, lambda: lives.agent, clock)
            await (lives.once(_ONCE_SECONDS) if settings.once else lives.run())
    finally:
        finder.close()
        store.close()
