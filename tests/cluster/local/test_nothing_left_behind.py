"""No process outlives the one that started the cluster, whatever ends that one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

PROGRAMS = 5  # etcd, API server, controller manager, scheduler, KWOK
OWNER = """
import sys, time
from pathlib import Path
from deploy.local.cluster import LocalCluster
with LocalCluster(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def owner(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    """A process that runs a cluster in `tmp_path`, which is ready."""
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_when_the_owner_is_ended(
    owner: "subprocess.Popen[str]", tmp_path: Path, number: signal.Signals
) -> None:
    assert len(_processes_of(tmp_path)) >= PROGRAMS
    owner.send_signal(number)
    owner.wait(20)
    deadline = time.monotonic() + 10
    while left := [pid for pid in _processes_of(tmp_path) if pid != owner.pid]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.1)


def _processes_of(folder: Path) -> list[int]:
    """Ids of the processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]
