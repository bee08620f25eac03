"""The process: commands, or the agent until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import sys
from functools import partial
from pathlib import Path

from common.clock import SystemClock
from common.kube.backoff import Backoff
from common.kube.client import Client
from common.kube.discovery import load_config
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
from nodeagent.settings import AgentSettings
from nodeagent.state.files import StateLockedError
from nodeagent.state.pulse import kernel_boot_id

log = logging.getLogger(__name__)

PROGRAM = "nodeagent"

_ONCE_SECONDS = 3.0
"""Long enough for donors to be cut, to settle, and for the raises after them."""


def start(settings: AgentSettings) -> int:
    """Does what the settings ask and returns the process's exit status."""
    try:
        check_settings(settings)
        if settings.probe:
            sys.stdout.write(probe_table(find_devices(settings)))
            return EXIT_OK
        if settings.restore:
            return _restore(settings)
        if settings.write_base:
            return _write_base(settings)
    except SettingsError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return EXIT_USAGE
    except (DeviceError, StateLockedError, OSError) as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return EXIT_FAILED
    service = Service(PROGRAM, settings)
    return run(service, lambda: _run(settings, service))


def _restore(settings: AgentSettings) -> int:
    logs.configure(settings.log_level, settings.log_format)
    store = open_state(settings)
    try:
        wrong = restore(find_devices(settings).devices, store, over_others=settings.restore_over_others)
    finally:
        store.close()
    for name, failure in wrong.items():
        sys.stderr.write(f"{PROGRAM}: {name}: {failure}\n")
    return EXIT_FAILED if wrong else EXIT_OK


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


async def _run(settings: AgentSettings, service: Service) -> None:
    clock = SystemClock()
    try:
        store = open_state(settings)
    except (StateLockedError, OSError) as error:
        raise SettingsError(f"--state-dir: {error}") from error
    try:
        hardware = await _found(settings)
        async with Client(load_config(settings.kubeconfig), user_agent=PROGRAM, clock=clock) as client:
            agent, parts, enforcer = build_agent(settings, hardware, store, client, clock)
            service.add_metrics_renderer(parts.metrics.render)
            add_checks(service, agent, clock)
            try:
                await (agent.once(_ONCE_SECONDS) if settings.once else agent.run())
            finally:
                enforcer.note_left()
                enforcer.close()
    finally:
        store.close()


async def _found(settings: AgentSettings) -> DeviceSet:
    """Finds the devices, however long their driver takes to come up."""
    backoff = Backoff()
    while True:
        try:
            return await asyncio.to_thread(find_devices, settings)
        except DeviceError as error:
            log.warning("devices not found yet", extra={"reason": error.reason, "error": str(error)})
            await asyncio.sleep(backoff.next())
