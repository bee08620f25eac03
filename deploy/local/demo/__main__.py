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
from deploy.local.demo import plot, record
from deploy.local.demo.hardware import Hardware
from deploy.local.demo.keep import PIPE_VARIABLE, Keeper, run_detached
from deploy.local.demo.objects import NAMESPACE, POLICY
from deploy.local.demo.physics import CapStep
from deploy.local.demo.scenario import Course, Scenario
from deploy.local.demo.summary import failures, summarise, write
from deploy.local.demo.watch import Watcher
from deploy.local.stack import Stack

_REPOSITORY = Path(__file__).resolve().parents[3]
_FOLDER = _REPOSITORY / "build" / "demo"
_EXIT_NO_BINARIES = 3


def main(arguments: list[str]) -> int:
    """Plays the demo; returns 0 where the cap held and everything was given back."""
    options = _parse(arguments)
    _stop_kept()
    if options.down:
        return 0
    if options.keep and PIPE_VARIABLE not in os.environ:
        return run_detached(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
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
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    console.print("Starting a control plane, Prometheus, four simulated GPU nodes and the four binaries …")
    with Stack(_FOLDER) as stack:
        version = stack.cluster.kubectl("get", "--raw", "/version")
        hardware = Hardware(stack.machine_room_socket, stack.nodes)
        with Watcher(stack.cluster.kubeconfig, NAMESPACE, console) as watcher:
            scenario = Scenario(stack, watcher, hardware)
            course = scenario.play()
            if not keep:
                scenario.give_back()
        result = _report(console, stack, course, version, keep=keep)
        if keep:
            _stay(keeper, stack)
        hardware.close()
    return result


def _report(console: Console, stack: Stack, course: Course, version: str, *, keep: bool) -> int:
    git_version = version.rsplit('"gitVersion": "', maxsplit=1)[-1].split('"', maxsplit=1)[0]
    summary = summarise(course, stack.records, len(stack.nodes), git_version)
    if keep:
        del summary["devices_restored"]  # nothing was given back yet
    write(_FOLDER / "summary.json", summary)
    drawn = _plot(course, stack)
    console.rule(f"kubectl describe pcp {POLICY}")
    console.print(course.description, highlight=False, markup=False)
    console.rule("figures")
    for name, value in summary.items():
        console.print(f"{name:40} {value}", highlight=False)
    console.rule("where to look")
    _say_where(console, stack, drawn=drawn, keep=keep)
    wrong = failures(summary)
    for text in wrong:
        console.print(f"NOT AS IT SHOULD BE: {text}", style="bold red")
    return 1 if wrong else 0


def _plot(course: Course, stack: Stack) -> bool:
    seconds, series = record.read_seconds(stack.records)
    start = seconds[0]
    caps = [CapStep(step.since - start, step.cap_watts) for step in course.caps]
    relative = [second - start for second in seconds]
    return plot.draw(_FOLDER / "power.png", relative, series, caps, course.ready - start)


def _say_where(console: Console, stack: Stack, *, drawn: bool, keep: bool) -> None:
    console.print(f"figures    {_FOLDER / 'summary.json'}", highlight=False)
    if drawn:
        console.print(f"plot       {_FOLDER / 'power.png'}", highlight=False)
    console.print(f"logs       {_FOLDER / 'logs'}", highlight=False)
    if keep:
        console.print(f"export KUBECONFIG={stack.cluster.kubeconfig}", highlight=False, soft_wrap=True)
        console.print(f"kubectl describe pcp -n {NAMESPACE} {POLICY}; kubectl get power -A", highlight=False)
        console.print("It stays up until: make demo-down", highlight=False)
    else:
        console.print(f"The cluster is gone; KEEP=1 make demo leaves it up, with the kubeconfig "
                      f"{stack.cluster.kubeconfig}", highlight=False, soft_wrap=True)  # fmt: skip


def _stay(keeper: Keeper, stack: Stack) -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    (_FOLDER / "demo.pid").write_text(str(os.getpid()))
    keeper.release(_FOLDER / "logs" / "demo.log")
    while not stopped.wait(1.0):
        stack.check()


def _stop_kept() -> None:
    """Ends a demo that an earlier command left up."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int((_FOLDER / "demo.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"deploy.local.demo" in command:
            os.kill(pid, signal.SIGTERM)
            _wait_gone(pid)


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
