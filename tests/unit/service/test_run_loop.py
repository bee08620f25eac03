"""A process ends with the right status: after a signal, a failure, a deadline."""

import asyncio
import os
import signal
import socket

import pytest

from common.kube.errors import ConfigError
from common.service.app import EXIT_FAILED, EXIT_OK, EXIT_USAGE, Service, run, supervise
from common.service.settings import ServiceSettings, SettingsError

QUIET = ServiceSettings(listen_address="", log_level="error")


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_main_that_ends_ends_the_process():
    async def main() -> None:
        return

    service = Service("example", QUIET)
    assert await supervise(service, main, asyncio.Event()) == EXIT_OK
    assert service.stop.is_set()


async def test_stop_cancels_main_and_waits_for_its_clean_up():
    done: list[str] = []

    async def main() -> None:
        try:
            service.stop.set()
            await for_ever()
        finally:
            await asyncio.sleep(0)
            done.append("clean")

    service = Service("example", QUIET)
    assert await supervise(service, main, asyncio.Event()) == EXIT_OK
    assert done == ["clean"]


async def test_main_that_fails_fails_the_process():
    async def main() -> None:
        raise RuntimeError("broken")

    assert await supervise(Service("example", QUIET), main, asyncio.Event()) == EXIT_FAILED


async def test_bad_setting_found_late_is_a_usage_error():
    async def main() -> None:
        raise SettingsError("--tls-cert-file: no such file")

    assert await supervise(Service("example", QUIET), main, asyncio.Event()) == EXIT_USAGE


async def test_cluster_that_cannot_be_found_is_a_usage_error_without_a_trace(caplog):
    async def main() -> None:
        raise ConfigError("no kubeconfig at /nowhere: pass --kubeconfig or set KUBECONFIG")

    assert await supervise(Service("example", QUIET), main, asyncio.Event()) == EXIT_USAGE
    assert "pass --kubeconfig" in caplog.text
    assert "Traceback" not in caplog.text


async def stubborn(started: asyncio.Event, free: asyncio.Event) -> None:
    started.set()
    while not free.is_set():
        try:
            await free.wait()
        except asyncio.CancelledError:
            continue


@pytest.mark.looptime
async def test_main_that_ignores_the_stop_is_left_at_the_deadline():
    started, free = asyncio.Event(), asyncio.Event()
    service = Service("example", ServiceSettings(listen_address="", stop_deadline_seconds=7))
    running = asyncio.create_task(supervise(service, lambda: stubborn(started, free), asyncio.Event()))
    await started.wait()
    begin = asyncio.get_running_loop().time()
    service.stop.set()
    assert await running == EXIT_FAILED
    assert asyncio.get_running_loop().time() - begin == pytest.approx(7)
    free.set()
    await asyncio.sleep(0)


@pytest.mark.looptime
async def test_second_signal_ends_the_wait():
    started, free, hurry = asyncio.Event(), asyncio.Event(), asyncio.Event()
    service = Service("example", ServiceSettings(listen_address="", stop_deadline_seconds=1000))
    running = asyncio.create_task(supervise(service, lambda: stubborn(started, free), hurry))
    await started.wait()
    service.stop.set()
    hurry.set()
    assert await running == EXIT_FAILED
    free.set()
    await asyncio.sleep(0)


async def test_address_in_use_is_a_failure_with_a_reason(caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = ServiceSettings(listen_address=f"127.0.0.1:{taken.getsockname()[1]}")
        assert await supervise(Service("example", settings), for_ever, asyncio.Event()) == EXIT_FAILED
    assert "choose another --listen-address" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_signal_stops_the_process_cleanly(number, capfd):
    cleaned: list[bool] = []

    async def main() -> None:
        try:
            os.kill(os.getpid(), number)
            await for_ever()
        finally:
            cleaned.append(True)

    assert run(Service("example", QUIET), main) == EXIT_OK
    assert cleaned == [True]
