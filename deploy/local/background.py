"""One control plane that stays up between commands: started, looked at and ended by different processes."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessDiedError

_START_SECONDS = 120.0
_STOP_SECONDS = 20.0


@dataclass(frozen=True)
class State:
    """What is known of a running cluster: the process that keeps it, its address and its kubeconfig."""

    pid: int
    server: str
    kubeconfig: str


class AlreadyRunningError(RuntimeError):
    """Another process keeps a cluster in this folder."""


class Background:
    """The cluster of one folder. Its keeper holds a file lock, so that a stale state file deceives nobody."""

    def __init__(self, workdir: Path) -> None:
        self.workdir = workdir.resolve()
        self._lock_file = self.workdir.with_name(self.workdir.name + ".lock")
        self._state_file = self.workdir / "state.json"
        self._keeper: subprocess.Popen[bytes] | None = None
        self.log = self.workdir.with_name(self.workdir.name + ".log")

    def status(self) -> State | None:
        """The running cluster, or None."""
        if not self._is_locked():
            return None
        with suppress(FileNotFoundError, json.JSONDecodeError):
            return State(**json.loads(self._state_file.read_text()))
        return None

    def up(self, timeout_seconds: float = _START_SECONDS) -> State:
        """Start a keeper unless one runs, and wait until its cluster is ready.

        Raises:
            ProcessDiedError: the keeper ended; the text holds the end of its log.
            TimeoutError: not ready in time.
        """
        self.workdir.parent.mkdir(parents=True, exist_ok=True)
        if not self._is_locked():
            self._keeper = self._start_keeper()
        deadline = time.monotonic() + timeout_seconds
        while (state := self.status()) is None:
            if self._keeper is not None and self._keeper.poll() is not None and not self._is_locked():
                raise ProcessDiedError(
                    f"the cluster did not start; the end of {self.log}:\n{self._log_tail()}"
                )
            if time.monotonic() > deadline:
                raise TimeoutError(f"the cluster is not ready after {timeout_seconds:.0f} s; see {self.log}")
            time.sleep(0.1)
        return state

    def down(self) -> bool:
        """End the cluster and remove its folder. Returns whether one ran."""
        state = self._settled_status()
        if state is not None:
            os.kill(state.pid, signal.SIGTERM)
            self._wait_unlocked(state.pid)
        if self._keeper is not None:
            self._keeper.wait()
            self._keeper = None
        shutil.rmtree(self.workdir, ignore_errors=True)
        return state is not None

    def keep(self) -> None:
        """Run a cluster in this process until SIGTERM or SIGINT.

        Raises:
            AlreadyRunningError: another process keeps one here.
            ProcessDiedError: a component of the cluster ended.
        """
        stopped = threading.Event()
        with self._locked():
            # Of a keeper that was killed: with the lock held, it would be told as ours.
            self._state_file.unlink(missing_ok=True)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
            shutil.rmtree(self.workdir, ignore_errors=True)
            with LocalCluster(self.workdir) as cluster:
                self._write_state(State(os.getpid(), cluster.server, str(cluster.kubeconfig)))
                while not stopped.wait(1.0):
                    cluster.check()

    def _settled_status(self) -> State | None:
        """The running cluster, once one that is just starting has come up or given up."""
        deadline = time.monotonic() + _START_SECONDS
        while (state := self.status()) is None and self._is_locked():
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"a cluster is starting in {self.workdir} and does not come up; see {self.log}"
                )
            time.sleep(0.1)
        return state

    def _start_keeper(self) -> "subprocess.Popen[bytes]":
        with self.log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "keep", "--workdir", str(self.workdir)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=Path(__file__).resolve().parents[2],
                start_new_session=True,  # it is meant to outlive the command that starts it
            )

    def _write_state(self, state: State) -> None:
        fresh = self._state_file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(state)))
        fresh.rename(self._state_file)

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _is_locked(self) -> bool:
        try:
            with self._locked():
                return False
        except AlreadyRunningError:
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_file.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunningError(f"a cluster already runs in {self.workdir}") from None
            yield

    def _wait_unlocked(self, pid: int) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        while self._is_locked():
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)  # its children die with it
                deadline += _STOP_SECONDS
            time.sleep(0.1)
