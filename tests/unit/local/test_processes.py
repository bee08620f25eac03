"""Children log to a file, say why they died, and never outlive their parent."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.local.processes import ProcessDiedError, ProcessSet, start, wait_until

SLEEP = ["sleep", "600"]
PARENT = """
import sys
from pathlib import Path
from deploy.local.processes import start
child = start("child", ["sleep", "600"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")],
        cwd=Path(__file__).resolve().parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _runs(child)
        parent.kill()
    wait_until(lambda: not _runs(child), "the end of the child", timeout_seconds=10)


def test_child_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    with ProcessSet(tmp_path) as processes:
        thread = threading.Thread(target=processes.start, args=("child", SLEEP))
        thread.start()
        thread.join()
        assert [child.returncode for child in processes] == [None]


def test_ended_child_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    process = start("teller", ["sh", "-c", "echo first; echo port taken >&2; exit 7"], log=tmp_path / "log")
    process.wait(10)
    with pytest.raises(ProcessDiedError, match=r"(?s)teller ended with status 7.*port taken"):
        process.check()


def test_missing_program_is_named(tmp_path: Path) -> None:
    process = start("ghost", ["no-such-program"], log=tmp_path / "log")
    process.wait(10)
    with pytest.raises(ProcessDiedError, match="no-such-program: No such file"):
        process.check()


def test_stop_kills_what_ignores_the_request(tmp_path: Path) -> None:
    stubborn = start("stubborn", ["sh", "-c", "trap '' TERM; echo up; sleep 600"], log=tmp_path / "log")
    wait_until(lambda: "up" in stubborn.log_tail(), "the trap", timeout_seconds=10)
    assert stubborn.stop(grace_seconds=0.0) == -signal.SIGKILL


def test_child_is_in_a_group_of_its_own_so_that_ctrl_c_spares_it(tmp_path: Path) -> None:
    with ProcessSet(tmp_path) as processes:
        child = processes.start("child", SLEEP)
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_waiting_gives_up_in_the_end() -> None:
    with pytest.raises(TimeoutError, match="oven not ready after 0 s"):
        wait_until(lambda: False, "oven", timeout_seconds=0.0)


def _runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
