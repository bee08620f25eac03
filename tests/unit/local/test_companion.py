"""A program beside the control plane is waited for, and never left behind."""

import os
from pathlib import Path

import pytest

from deploy.local.companion import Companion
from deploy.local.processes import ProcessDiedError


class Sleeper(Companion):
    """Never answers anybody."""

    pids: tuple[int, ...] = ()

    def start(self) -> None:
        try:
            self._start_process(
                "sleeper", ["sleep", "600"], ready_url="http://127.0.0.1:1", timeout_seconds=0
            )
        finally:
            self.pids = tuple(process.pid for process in self._processes)


class Ended(Companion):
    def start(self) -> None:
        command = ["sh", "-c", "echo no disk >&2; exit 3"]
        self._start_process("ended", command, ready_url="http://127.0.0.1:1", timeout_seconds=30)


def test_one_that_does_not_get_ready_is_stopped(tmp_path: Path) -> None:
    companion = Sleeper(tmp_path)
    with pytest.raises(TimeoutError, match="sleeper not ready"), companion:
        pass
    (pid,) = companion.pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_ends_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProcessDiedError, match=r"(?s)ended ended with status 3.*no disk"), Ended(tmp_path):
        pass
