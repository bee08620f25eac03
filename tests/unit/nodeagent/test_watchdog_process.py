"""The watchdog as a process of its own: it lowers, stays tiny, and ends when it is told to."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from common.twin.driver import NodeDriver
from common.twin.gpu_model import GPU_MODELS
from common.twin.messages import Reply, Request
from common.twin.node import NodeModel, SimulatedNode
from nodeagent.obedience.memory import Memory
from nodeagent.state.originals import Original
from nodeagent.state.pulse import PulseFile
from nodeagent.state.store import StateStore
from tests.unit.nodeagent.grants import budget

MOST_RESIDENT_MIB = 16.0
"""At rest, which is how it lives."""
MOST_ACTING_MIB = 17.0
"""With the driver of simulated devices loaded, whose message library alone takes 1.5 MiB."""


class Hosted:
    """A simulated node behind its socket, without a clock: only its settings matter here."""

    def __init__(self, path):
        model = NodeModel(GPU_MODELS["h100"], gpu_count=8, package_count=2)
        self.node = SimulatedNode("n", model, 1)
        self._driver = NodeDriver(self.node)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        with peer, peer.makefile("rwb") as lines:
            for line in lines:
                request = msgspec.json.decode(line, type=Request)
                reply = Reply(id=request.id, result=self._answer(request))
                lines.write(msgspec.json.encode(reply) + b"\n")
                lines.flush()

    def _answer(self, request):
        arguments = [request.device] if request.device else []
        return getattr(self._driver, request.verb)(*arguments, **request.arguments)


@pytest.fixture
def hosted(tmp_path):
    found = Hosted(tmp_path / "room.sock")
    yield found
    found.close()


def resident_mib(pid):
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def test_it_lowers_to_base_within_its_memory_and_ends_cleanly(hosted, tmp_path):
    state = tmp_path / "state"
    store = StateStore(state)
    gpus, packages = hosted.node.gpus, hosted.node.packages
    names = [gpu.uuid for gpu in gpus] + [f"package-{index}" for index in range(len(packages))]
    store.keep_originals({name: Original(limit_watts=700.0) for name in names})
    store.keep_memory(Memory(uid="u1", budget=budget(1, 8000, base=4000)))
    store.close()
    PulseFile(state).beat(1.0)
    command = [sys.executable, "-m", "nodeagent", "--watchdog", "--node-name", "n", "--state-dir", str(state)]
    command += ["--simulated-socket", str(tmp_path / "room.sock"), "--watchdog-silence-seconds", "3"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    watchdog = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
    try:
        time.sleep(2.5)
        assert resident_mib(watchdog.pid) <= MOST_RESIDENT_MIB
        ends = time.monotonic() + 15
        while not (state / "lowered.json").exists() and time.monotonic() < ends:
            time.sleep(0.05)
        assert len(json.loads((state / "lowered.json").read_text())["limits"]) >= len(gpus)
        time.sleep(0.2)
        assert resident_mib(watchdog.pid) <= MOST_ACTING_MIB
    finally:
        watchdog.send_signal(signal.SIGTERM)
        said = watchdog.communicate(timeout=10)[1].decode()
    assert watchdog.returncode == 0, said
    assert "lowered" in said
    assert sum(gpu.enforced_limit_watts for gpu in gpus) < 4000
