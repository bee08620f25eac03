"""The run loop of a process: it starts, stops cleanly on a signal, and ends with a status that says how."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from common.kube.errors import ConfigError
from common.service import logs
from common.service.options import SettingsError
from common.service.process import Service
from common.service.settings import changed

log = logging.getLogger(__name__)

__all__ = ["EXIT_FAILED", "EXIT_OK", "EXIT_USAGE", "Main", "Service", "run", "supervise"]

Main = Callable[[], Coroutine[Any, Any, None]]

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def run(service: Service, main: Main) -> int:
    """Runs a program until it ends or is told to stop, and returns the process's exit status.

    ``main`` should declare its checks before it first awaits: until then the process counts as ready. SIGTERM
    and SIGINT set ``service.stop`` and cancel ``main``, which may finish work in flight for
    ``stop_deadline_seconds``; a second signal ends the wait.

    Returns:
        0 after a clean end or stop, 1 when ``main`` failed or outstayed the deadline, 2 for bad settings or a
        cluster that they do not lead to.
    """
    logs.configure(service.settings.log_level, service.settings.log_format)
    log.info("starting", extra={"program": service.name, **changed(service.settings)})
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_with_signals(service, main))
    finally:
        _close(loop)


async def _with_signals(service: Service, main: Main) -> int:
    loop = asyncio.get_running_loop()
    hurry = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _on_signal, service.stop, hurry, number)
    try:
        return await supervise(service, main, hurry)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _on_signal(stop: asyncio.Event, hurry: asyncio.Event, number: signal.Signals) -> None:
    log.info("stopping", extra={"signal": number.name, "again": stop.is_set()})
    if stop.is_set():
        hurry.set()
    stop.set()


async def supervise(service: Service, main: Main, hurry: asyncio.Event) -> int:
    """Runs ``main`` beside the HTTP server until it ends, or until ``service.stop`` is set.

    Args:
        service: The process's service.
        main: The program.
        hurry: Ends the wait for work in flight.

    Returns:
        The exit status, as ``run`` says.
    """
    try:
        await service.open()
    except SettingsError as error:
        log.error("%s", error)
        return EXIT_USAGE
    except OSError as error:
        address = service.settings.listen_address
        log.error(
            "cannot listen; choose another --listen-address", extra={"address": address, "error": str(error)}
        )
        return EXIT_FAILED
    try:
        return await _main_until_stop(service, main, hurry)
    finally:
        service.stop.set()
        await service.close()


async def _main_until_stop(service: Service, main: Main, hurry: asyncio.Event) -> int:
    task = asyncio.create_task(main(), name=service.name)
    stopped = asyncio.create_task(service.stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done() and not await _cancel(task, service.settings.stop_deadline_seconds, hurry):
        log.error("work in flight did not stop in time", extra={"program": service.name})
        return EXIT_FAILED
    return _outcome(task)


async def _cancel(task: asyncio.Task[None], deadline_seconds: float, hurry: asyncio.Event) -> bool:
    """Cancels a task; True when it ended before the deadline and before anybody was in a hurry."""
    task.cancel()
    hurried = asyncio.create_task(hurry.wait())
    await asyncio.wait({task, hurried}, timeout=deadline_seconds, return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    return task.done()


def _outcome(task: asyncio.Task[None]) -> int:
    if task.cancelled():
        log.info("stopped")
        return EXIT_OK
    error = task.exception()
    if isinstance(error, SettingsError | ConfigError):
        log.error("%s", error)
        return EXIT_USAGE
    if error is not None:
        log.error("failed", exc_info=error)
        return EXIT_FAILED
    log.info("finished")
    return EXIT_OK


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Closes the loop, but unlike ``asyncio.run`` does not wait for ever on tasks that ignore it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=1.0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
