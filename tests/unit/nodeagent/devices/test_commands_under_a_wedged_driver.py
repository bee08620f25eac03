"""Every command ends with a clear word and a status when the GPU driver hangs, and does what can be done."""

import os
import signal
import subprocess
import sys
import time

import pytest

from nodeagent.obedience.memory import Memory
from nodeagent.state.originals import Original
from nodeagent.state.pulse import PulseFile
from nodeagent.state.store import StateStore
from tests.fakes.nvml import machine
from tests.fakes.nvml.machine import Hang
from tests.unit.nodeagent.grants import budget

ZONE = "class/powercap/intel-rapl:0"
LIMIT = f"{ZONE}/constraint_0_power_limit_uw"
FOUND_MICROWATTS = 350_000_000


class Node:
    """Two boards behind a driver that hangs, and a package whose limit an agent has lowered to 200 W."""

    def __init__(self, library, sysfs, folder):
        self.sysfs, self.state = sysfs, folder / "state"
        self.boards = machine.create(folder / "machine", gpus=2)
        self.boards.driver_hangs = Hang.INIT
        for number in range(2):
            sysfs.pci(number)
        sysfs.package(0)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
            "LD_LIBRARY_PATH": str(library.parent),
            "FAKE_NVML_MACHINE": str(folder / "machine"),
        }

    def lowered(self):
        store = StateStore(self.state)
        store.keep_originals({"package-0": Original(limit_watts=350.0), "GPU-0": Original(limit_watts=700.0)})
        store.keep_memory(Memory(uid="u1", budget=budget(1, 8000, base=400)))
        store.close()
        self.sysfs.write(LIMIT, 200_000_000)

    def command(self, *flags):
        found = [sys.executable, "-m", "nodeagent", "--node-name", "n", "--devices", "nvml,cpu", *flags]
        found += ["--sysfs-root", str(self.sysfs.root), "--state-dir", str(self.state)]
        return [*found, "--rest-bound-watts", "100", "--driver-start-seconds", "0.2"]

    def ran(self, *flags):
        command, environment = self.command(*flags), self.environment
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=30, check=False
        )


@pytest.fixture
def node(nvml_library, sysfs, tmp_path):
    return Node(nvml_library, sysfs, tmp_path)


def test_a_probe_shows_the_other_devices_names_the_remedy_and_fails(node):
    answer = node.ran("--probe")
    assert answer.returncode == 1
    assert [line.split()[0] for line in answer.stdout.splitlines()[1:4]] == ["gpu-0", "gpu-1", "package-0"]
    assert answer.stdout.splitlines()[1].count("DriverSilent") == 2
    assert "the NVIDIA driver does not answer for 0.2 s" in answer.stderr
    assert "nvidia-smi --gpu-reset" in answer.stderr


def test_a_restore_puts_the_other_devices_back_keeps_the_rest_saved_and_fails(node):
    node.lowered()
    answer = node.ran("--restore")
    assert answer.returncode == 1
    assert node.sysfs.read(LIMIT) == str(FOUND_MICROWATTS)
    assert "GPU-0" in answer.stderr
    assert "its original settings stay saved" in answer.stderr
    assert "the NVIDIA driver does not answer" in answer.stderr
    store = StateStore(node.state)
    assert set(store.originals) == {"GPU-0"}
    store.close()


def test_the_base_at_boot_is_written_to_the_other_devices_and_the_rest_is_said(node):
    node.lowered()
    answer = node.ran("--write-base", "--boot-patience-seconds", "0.5")
    assert answer.returncode == 1
    assert "gpu-0: DriverSilent: the NVIDIA driver does not answer" in answer.stderr
    assert int(node.sysfs.read(LIMIT)) == 88_000_000


def test_a_single_round_does_not_wait_for_a_driver_of_which_nothing_can_be_counted(node):
    for number in range(2):
        node.sysfs.remove(f"bus/pci/devices/0000:{number:02}:00.0/vendor")
    (node.sysfs.root / "bus").rename(node.sysfs.root / "no-bus")
    answer = node.ran("--once")
    assert answer.returncode == 1
    assert "the NVIDIA driver does not answer" in answer.stderr


def test_the_watchdog_lowers_the_other_devices_and_says_what_it_cannot(node):
    node.lowered()
    PulseFile(node.state).beat(0.0)
    command = node.command("--watchdog", "--watchdog-silence-seconds", "3")
    watchdog = subprocess.Popen(command, env=node.environment, stderr=subprocess.PIPE)
    try:
        ends = time.monotonic() + 20
        while node.sysfs.read(LIMIT) != "88000000" and time.monotonic() < ends:
            time.sleep(0.05)
        assert node.sysfs.read(LIMIT) == "88000000"
    finally:
        watchdog.send_signal(signal.SIGTERM)
        said = watchdog.communicate(timeout=10)[1].decode()
    assert watchdog.returncode == 0
    assert "gpu-0: DriverSilent: the NVIDIA driver does not answer" in said
