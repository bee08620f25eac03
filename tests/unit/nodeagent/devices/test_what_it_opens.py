"""Files that the process opens, by the interpreter's own audit events: what the manifests have to mount."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from nodeagent.devices import nvml
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import budget, domain, frequencies

REPOSITORY = Path(__file__).resolve().parents[4]

PROGRAM = """
import atexit, json, os, sys
seen = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        mode, flags = arguments[1], arguments[2]
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        seen.append((os.path.abspath(os.fsdecode(arguments[0])), writes))
    elif event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir"):
        seen.append((os.path.abspath(os.fsdecode(arguments[0])), True))
    elif event == "socket.connect":
        seen.append((repr(arguments[1]), True))
sys.addaudithook(hook)
from nodeagent.__main__ import main
sys.argv = ["nodeagent", *sys.argv[1:]]
status = main()
print(json.dumps({"status": status, "seen": seen}))
"""


@pytest.fixture
def node(nvml_library, boards, sysfs, tmp_path):
    """A node whose agent held two boards and a package under a grant before the last reboot."""
    boards.gpu_count = 2
    sysfs.package(0)
    sysfs.policy(0)
    return {
        "environment": {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": str(nvml_library.parent),
            "FAKE_NVML_MACHINE": str(tmp_path / "machine"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CLIMATIK_NODE_NAME": "node-1",
            "CLIMATIK_DEVICES": "nvml,cpu",
            "CLIMATIK_REST_BOUND_WATTS": "100",
            "CLIMATIK_SYSFS_ROOT": str(sysfs.root),
            "CLIMATIK_STATE_DIR": str(tmp_path / "state"),
            "CLIMATIK_BOOT_PATIENCE_SECONDS": "0",
        },
        "writable": (tmp_path / "state", sysfs.root, tmp_path / "machine"),
        "state": tmp_path / "state",
        "boards": boards,
    }


async def hold(node):
    agent = ThreadedAgent(nvml.discover().devices, node["state"], node["boards"].advance)
    agent.see(frequencies(budget(1, 1100, base=900)), domain(granted=20_000))
    await agent.turns(3)
    agent.kill()


def opened(node, flag):
    """Runs the agent with one flag; returns its status and what it opened beside Python's own files."""
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, flag],
        env={**node["environment"], "PYTHONPATH": str(REPOSITORY)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answer.stdout.splitlines()[-1])
    libraries = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), str(REPOSITORY)]
    own = [(path, writes) for path, writes in found["seen"] if not path.startswith(tuple(libraries))]
    return found["status"], own


@pytest.mark.parametrize("flag", ["--probe", "--write-base", "--restore"])
async def test_it_writes_its_state_and_the_devices_and_reads_nothing_else_of_the_host(node, flag):
    await hold(node)
    for board in node["boards"].gpus:
        board.requested_limit_mw = 700_000
    status, found = opened(node, flag)
    assert status == 0
    if flag == "--write-base":
        assert node["boards"].gpus[0].requested_limit_mw < 700_000
    allowed = tuple(map(str, node["writable"]))
    assert [path for path, writes in found if writes and not path.startswith(allowed)] == []
    # What every container has of its own, the kernel's boot id included.
    harmless = ("/proc/", "/etc/", "/usr/", "/lib")
    assert [path for path, _ in found if not path.startswith((*allowed, *harmless))] == []
    assert any(path.startswith(str(node["writable"][1])) for path, _ in found)
