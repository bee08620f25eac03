"""``--probe`` as a process of its own, on the library that the loader finds and the sysfs that is named."""

import os
import subprocess
import sys

from tests.fakes.nvml import machine


def test_a_probe_shows_boards_and_packages_and_writes_nothing(nvml_library, sysfs, tmp_path):
    boards = machine.create(tmp_path / "machine", gpus=2)
    zone = sysfs.package(0)
    sysfs.policy(0)
    command = [sys.executable, "-m", "nodeagent", "--probe", "--node-name", "n", "--devices", "nvml,cpu"]
    paths = {"LD_LIBRARY_PATH": str(nvml_library.parent), "FAKE_NVML_MACHINE": str(tmp_path / "machine")}
    answer = subprocess.run(
        [*command, "--sysfs-root", str(sysfs.root)],
        env={**os.environ, **paths},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = answer.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == [
        "GPU-00000000-0000-0000-0000-000000000000",
        "GPU-00000000-0000-0000-0000-000000000001",
        "package-0",
    ]
    assert "200-700" in lines[1]
    assert "88-350" in lines[3]
    assert boards.gpus[0].setter_calls == 0
    assert sysfs.read(f"{zone}/constraint_0_power_limit_uw") == "350000000"
