"""Child processes that never outlive their parent, whatever kills it."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Self

_Popen = subprocess.Popen[bytes]

_LAUNCHER = Path(__file__).with_name("launcher.py")
_LOG_TAIL_LINES = 15


class ProcessDiedError(RuntimeError):
    """A child ended when it should have been running. The text holds the end of its log."""


class _Spawner:
    """One thread that starts all children and lives as long as the process.

    The kernel sends the death signal when the *thread* that forked is gone, so a child started from a
    short-lived thread would be killed with it.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="spawner", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._calls.get()()

    def call(self, start: Callable[[], _Popen]) -> _Popen:
        answer: queue.SimpleQueue[_Popen | BaseException] = queue.SimpleQueue()

        def call() -> None:
            try:
                answer.put(start())
            except BaseException as error:
                answer.put(error)

        self._calls.put(call)
        result = answer.get()
        if isinstance(result, BaseException):
            raise result
        return result


@cache
def _spawner(pid: int) -> _Spawner:
    """The spawner of this process; keyed on the pid because a fork does not carry threads along."""
    del pid
    return _Spawner()


def _launched(argv: Sequence[str], death_signal: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(_LAUNCHER), death_signal, str(os.getpid()), *argv]


def _start_logged(argv: Sequence[str], environ: Mapping[str, str], log: Path) -> _Popen:
    with log.open("ab") as output:
        return subprocess.Popen(
            _launched(argv, "KILL"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            process_group=0,  # Ctrl-C in a terminal reaches us alone, and we stop the children in order
        )


class Process:
    """One running child with its log file."""

    def __init__(self, name: str, popen: _Popen, log: Path) -> None:
        self.name = name
        self.log = log
        self._popen = popen

    @property
    def pid(self) -> int:
        """Process id of the child (also its process group)."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal, or None while it runs."""
        return self._popen.poll()

    def check(self) -> None:
        """Raise ProcessDiedError, with the end of the log, if the child has ended."""
        code = self.returncode
        if code is not None:
            raise ProcessDiedError(
                f"{self.name} ended with status {code}; the end of {self.log}:\n{self.log_tail()}"
            )

    def log_tail(self, lines: int = _LOG_TAIL_LINES) -> str:
        """The last lines that the child wrote."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child and all that it started; nothing happens if it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def wait(self, timeout_seconds: float | None = None) -> int:
        """Wait for the end of the child; raises subprocess.TimeoutExpired."""
        return self._popen.wait(timeout_seconds)

    def stop(self, grace_seconds: float = 5.0) -> int:
        """SIGTERM, then after the grace SIGKILL. Returns the exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """SIGKILL, at once. Returns the exit status."""
        self.signal(signal.SIGKILL)
        return self.wait()


def start(name: str, argv: Sequence[str], *, log: Path, environ: Mapping[str, str] | None = None) -> Process:
    """Start a program in a process group of its own; it is killed when this process dies, even by SIGKILL.

    Args:
        name: what to call it in messages.
        argv: program (looked up on PATH) and arguments.
        log: file that its output is appended to; the folder is made.
        environ: whole environment of the child; None for that of this process.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ if environ is None else environ
    popen = _spawner(os.getpid()).call(lambda: _start_logged(argv, environment, log))
    return Process(name, popen, log)


def run_in_terminal(argv: Sequence[str], *, cwd: Path | None = None) -> int:
    """Run a program that shares our output and our process group to its end; returns its exit status.

    It gets SIGTERM when this process dies, and the Ctrl-C that this process gets.
    """
    launched = _launched(argv, "TERM")
    popen = _spawner(os.getpid()).call(lambda: subprocess.Popen(launched, stdin=subprocess.DEVNULL, cwd=cwd))
    try:
        return popen.wait()
    except BaseException:
        popen.terminate()
        popen.wait()
        raise


class ProcessSet:
    """Children that are started one after the other and stopped together, last first."""

    def __init__(self, log_folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self._log_folder = log_folder
        self._environ = environ
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __iter__(self) -> Iterator[Process]:
        return iter(self._processes)

    def start(self, name: str, argv: Sequence[str], environ: Mapping[str, str] | None = None) -> Process:
        """Start a child that logs to `<log folder>/<name>.log`."""
        process = start(name, argv, log=self._log_folder / f"{name}.log", environ=environ or self._environ)
        self._processes.append(process)
        return process

    def check(self) -> None:
        """Raise ProcessDiedError if any of them has ended."""
        for process in self._processes:
            process.check()

    def stop(self, grace_seconds: float = 2.0) -> None:
        """Ask all to end, last started first, and kill those that still run after the grace they share."""
        deadline = time.monotonic() + grace_seconds
        for process in reversed(self._processes):
            process.signal(signal.SIGTERM)
        for process in reversed(self._processes):
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            process.kill()
        self._processes.clear()


def wait_until(
    ready: Callable[[], bool], what: str, *, timeout_seconds: float, check: Callable[[], None] = lambda: None
) -> None:
    """Poll until `ready()`; `check` may raise to give up early. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} not ready after {timeout_seconds:.0f} s")
        time.sleep(0.05)
