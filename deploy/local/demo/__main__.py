"""``python -m deploy.local.demo``: what ``make demo`` runs."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType

from rich.console import Console

from deploy.local.binaries.catalogue import CONTROL_PLANE
from deploy.local.binaries.errors import MissingBinaryError
from deploy.local.binaries.provide import provide
from deploy.local.demo import report
from deploy.local.demo.hardware import Hardware
from deploy.local.demo.keep import PIPE_VARIABLE, Keeper, run_detached
from deploy.local.demo.objects import NAMESPACE
from deploy.local.demo.report import FOLDER
from deploy.local.demo.scenario import Course, Scenario
from deploy.local.demo.summary import failures
from deploy.local.demo.watch import Watcher
from deploy.local.stack import Stack

_EXIT_NO_BINARIES = 3


def main(arguments: list[str]) -> int:
    """Plays the demo; returns 0 where the cap held and everything was given back."""
    options = _parse(arguments)
    stopped = _stop_kept()
    if options.down:
        print("stopped" if stopped else "no demo is up")
        return 0
    if options.keep and PIPE_VARIABLE not in os.environ:
        return run_detached(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)  # also where a shell started us with SIGINT ignored
    console = Console()
    try:
        return _run(console, keep=options.keep)
    except KeyboardInterrupt:
        console.print("interrupted; everything that was started has been stopped")
        return 130
    except MissingBinaryError as error:
        console.print(f"the demo was not run: {error}")
        return _EXIT_NO_BINARIES


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo", description=__doc__)
    parser.add_argument(
        "--keep",
        action="store_true",
        default=os.environ.get("KEEP", "") not in ("", "0"),
        help="leave everything up afterwards, as KEEP=1 does",
    )
    parser.add_argument("--down", action="store_true", help="stop a demo that was left up, and end")
    return parser.parse_args(arguments)


def _run(console: Console, *, keep: bool) -> int:
    keeper = Keeper(lambda: os.kill(os.getpid(), signal.SIGTERM))
    provide(CONTROL_PLANE)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    console.print("Starting a control plane, Prometheus, four simulated GPU nodes and the four binaries …")
    with Stack(FOLDER) as stack:
        course = _play(stack, console, keep=keep)
        summary = report.write(course, stack, given_back=not keep)
        report.show(console, course, summary)
        if keep:
            report.say_how_to_look_around(console, stack.cluster.kubeconfig)
            _stay(keeper, stack)
    if not keep:
        report.say_where(console)
    return 1 if failures(summary) else 0


def _play(stack: Stack, console: Console, *, keep: bool) -> Course:
    hardware = Hardware(stack.machine_room_socket, stack.nodes)
    with Watcher(stack.cluster.kubeconfig, NAMESPACE, console) as watcher:
        scenario = Scenario(stack, watcher, hardware)
        course = scenario.play()
        if not keep:
            scenario.give_back()
    if not keep:
        stack.stop_binaries()
        course.not_restored = hardware.differences()
    hardware.close()
    return course


def _stay(keeper: Keeper, stack: Stack) -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    (FOLDER / "demo.pid").write_text(str(os.getpid()))
    keeper.release(FOLDER / "logs" / "demo.log")
    while not stopped.wait(1.0):
        stack.check()


def _stop_kept() -> bool:
    """Ends a demo that an earlier command left up; returns whether there was one."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int((FOLDER / "demo.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"deploy.local.demo" in command:
            os.kill(pid, signal.SIGTERM)
            _wait_gone(pid)
            return True
    return False


def _wait_gone(pid: int) -> None:
    waited = threading.Event()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        waited.wait(0.1)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
