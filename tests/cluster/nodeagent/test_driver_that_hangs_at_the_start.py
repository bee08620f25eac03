"""The agent comes up beside a GPU driver that hangs, says so, and adopts the boards once it answers."""

import pytest

from tests.fakes.nvml import build, machine
from tests.fakes.nvml.machine import Hang
from tests.fakes.sysfs.tree import SysfsTree

ZONE = "class/powercap/intel-rapl:0/constraint_0_power_limit_uw"


@pytest.fixture
def boards(bench, tmp_path):
    """Two boards, as the agent's process sees them; their driver hangs."""
    library = build.library(tmp_path)
    found = machine.create(tmp_path / "machine", gpus=2, manual_time=False)
    found.driver_hangs = Hang.INIT
    paths = {"LD_LIBRARY_PATH": str(library.parent), "FAKE_NVML_MACHINE": str(tmp_path / "machine")}
    bench.processes._environ = {**bench.processes._environ, **paths}
    return found


@pytest.fixture
def agent(bench, boards, tmp_path):
    tree = SysfsTree(tmp_path / "sys")
    for number in range(2):
        tree.pci(number)
    tree.package(0)
    bench.tree = tree
    bench.make_domain(7000)
    bench.make_object()
    flags = ["--devices", "nvml,cpu", "--sysfs-root", str(tree.root), "--rest-bound-watts", "100"]
    bench.start_agent(*flags, "--driver-start-seconds", "0.3")
    bench.until(lambda: "powerBudget" in bench.status, "the first word of the agent", 15)
    return bench


def test_packages_are_held_boards_count_in_full_and_are_adopted_when_the_driver_answers(agent, boards):
    found = agent.condition("DevicesFound")
    assert (found["status"], found["reason"]) == ("False", "DriverSilent")
    assert "reset the GPUs (nvidia-smi --gpu-reset) or reboot the node" in found["message"]
    assert agent.condition("Ready")["status"] == "False"
    assert [gpu["gpuId"] for gpu in agent.status["gpus"]] == ["gpu-0", "gpu-1"]
    assert agent.status["powerBudget"]["nameplateWatts"] >= 2 * 1400
    agent.grant(3000)
    agent.until(agent.confirmed, "confirmation")
    assert int(agent.tree.read(ZONE)) < 350_000_000
    assert agent.status["powerBudget"]["enforcedBudgetWatts"] >= 2 * 1400

    boards.driver_hangs = 0
    agent.until(lambda: agent.condition("DevicesFound")["status"] == "True", "the boards", 20)
    agent.until(lambda: agent.condition("BudgetObeyed")["status"] == "True", "the budget", 10)
    assert agent.status["gpus"][0]["gpuId"] == boards.gpus[0].uuid.decode()
    assert agent.status["powerBudget"]["enforcedBudgetWatts"] <= 3000
    assert agent.status["powerBudget"]["sequence"] == agent.sequence
    assert boards.gpus[0].persistence == 1 or boards.gpus[0].requested_limit_mw == 700_000
