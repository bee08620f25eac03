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
def tree(tmp_path):
    """A sysfs with two boards on the bus, and a package."""
    found = SysfsTree(tmp_path / "sys")
    for number in range(2):
        found.pci(number)
    found.package(0)
    return found


def flags(tree):
    drivers = ("--devices", "nvml,cpu", "--sysfs-root", str(tree.root), "--rest-bound-watts", "100")
    return (*drivers, "--driver-start-seconds", "0.3")


@pytest.fixture
def agent(bench, boards, tree):
    bench.make_domain(7000)
    bench.make_object()
    bench.start_agent(*flags(tree))
    bench.until(lambda: "powerBudget" in bench.status, "the first word of the agent", 15)
    return bench


def test_packages_are_held_boards_count_in_full_and_are_adopted_when_the_driver_answers(agent, boards, tree):
    found = agent.condition("DevicesFound")
    assert (found["status"], found["reason"]) == ("False", "DriverSilent")
    assert "reset the GPUs (nvidia-smi --gpu-reset) or reboot the node" in found["message"]
    assert agent.condition("Ready")["status"] == "False"
    assert [gpu["gpuId"] for gpu in agent.status["gpus"]] == ["gpu-0", "gpu-1"]
    assert agent.status["powerBudget"]["nameplateWatts"] >= 2 * 1400
    agent.grant(3000)
    agent.until(agent.confirmed, "confirmation")
    assert int(tree.read(ZONE)) < 350_000_000
    assert agent.status["powerBudget"]["enforcedBudgetWatts"] >= 2 * 1400

    boards.driver_hangs = 0
    agent.until(lambda: agent.condition("DevicesFound")["status"] == "True", "the boards", 20)
    agent.until(lambda: agent.condition("BudgetObeyed")["status"] == "True", "the budget", 10)
    assert agent.status["gpus"][0]["gpuId"] == boards.gpus[0].uuid.decode()
    assert agent.status["powerBudget"]["enforcedBudgetWatts"] <= 3000
    assert agent.status["powerBudget"]["sequence"] == agent.sequence
    assert agent.agent.returncode is None, "it is the same process"


def test_a_single_round_does_what_it_can_says_so_and_fails(bench, boards, tree):
    bench.make_domain(7000)
    bench.make_object(cpuPowerLimits=[{"packageId": 0, "watts": 200}])
    kubeconfig = bench.cluster.kubeconfig_for("climatik-nodeagent", node=bench.node)
    assert bench.run_agent("--once", *flags(tree), "--kubeconfig", str(kubeconfig)) == 1
    assert int(tree.read(ZONE)) == 200_000_000
    assert bench.condition("DevicesFound")["status"] == "False"
    assert "nodeagent: the NVIDIA driver does not answer" in (bench.folder / "command.log").read_text()
