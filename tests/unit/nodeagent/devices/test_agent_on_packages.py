"""The agent on CPU packages of a sysfs: held, each fault alone, and given back file by file."""

import pytest

from common.api.frequencies import CpuFrequency, CpuPowerLimit
from nodeagent.devices.cpu import CpuSettings, discover
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST

ZONE = "class/powercap/intel-rapl:{}"
POLICY = "devices/system/cpu/cpufreq/policy{}"


@pytest.fixture
def server(sysfs):
    """Two packages of two cores each; one core had a ceiling before anybody came."""
    for number in range(2):
        sysfs.package(number)
    for cpu in range(4):
        sysfs.policy(cpu, package=cpu // 2)
    sysfs.write(f"{POLICY.format(1)}/scaling_max_freq", 3_000_000)
    return sysfs


def agent_on(tree, state_dir):
    return ThreadedAgent(discover(CpuSettings(tree.root), pause=lambda seconds: None).devices, state_dir)


def limits_watts(tree):
    return [int(tree.read(f"{ZONE.format(n)}/constraint_0_power_limit_uw")) / 1e6 for n in range(2)]


def everything(tree):
    return {str(path): path.read_text() for path in sorted(tree.root.rglob("*")) if path.is_file()}


async def test_packages_are_held_within_a_budget_and_given_back_as_found(server, tmp_path):
    found = everything(server)
    agent = agent_on(server, tmp_path)
    agent.see(frequencies(budget(1, 600, base=300)), domain())
    snapshot = await agent.turns(3)
    assert sum(limits_watts(server)) * 1.05 + REST <= 600
    assert snapshot.confirmed.sequence == 1
    agent.see(frequencies(budget(2, 600, base=300, release=True)), domain())
    await agent.turns(3)
    assert everything(server) == found
    assert agent.store.originals == {}


async def test_set_points_of_a_package_are_written_and_taken_back_core_by_core(server, tmp_path):
    found = everything(server)
    agent = agent_on(server, tmp_path)
    watts = CpuPowerLimit(package_id=0, watts=200)
    clock = CpuFrequency(cpu_id=0, target_frequency=2400)
    agent.see(frequencies(cpu_power_limits=[watts], cpu_frequencies=[clock]))
    await agent.turns(1)
    assert limits_watts(server) == [200, 350]
    assert [server.read(f"{POLICY.format(n)}/scaling_max_freq") for n in (0, 1, 2)] == [
        "2400000",
        "2400000",
        "3800000",
    ]
    agent.see(frequencies())
    await agent.turns(1)
    assert everything(server) == found


async def test_a_sysfs_that_is_mounted_read_only_leaves_the_agent_alive(server, open_folder):
    agent = agent_on(server, open_folder)
    agent.see(frequencies(cpu_power_limits=[CpuPowerLimit(package_id=0, watts=200)]))
    with server.read_only():
        snapshot = await agent.turns(1)
    assert snapshot.devices[0].fault.reason == "NoPermission"
    assert snapshot.devices[1].fault is None
    await agent.turns(5)
    assert limits_watts(server) == [200, 350]


async def test_an_attribute_that_is_missing_fails_its_package_alone(server, tmp_path):
    server.remove(f"{ZONE.format(1)}/energy_uj")
    agent = agent_on(server, tmp_path)
    agent.see(frequencies(cpu_power_limits=[CpuPowerLimit(package_id=0, watts=200)]))
    snapshot = await agent.turns(1)
    assert snapshot.devices[1].fault.reason == "NotSupported"
    assert limits_watts(server) == [200, 350]
