"""Another boot under a living agent, or a sleep: limits are looked at anew, and written where they went."""

import pytest

from nodeagent.awake import AwakeWatch
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

NAMEPLATE = 3 * 714 + REST


@pytest.fixture
def devices():
    return [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=600.0) for n in range(3)]


async def held(devices, tmp_path):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(4)
    return agent


async def test_after_another_boot_limits_are_written_again_and_confirmed_under_it(devices, tmp_path):
    agent = await held(devices, tmp_path)
    agent.boot_id = "b2"
    for device in devices:
        device.limit = 700.0
    await agent.turns(1.2)
    snapshot = await agent.turns(3)
    assert sum(device.limit for device in devices) * 1.02 + REST <= 1600
    assert (snapshot.confirmed.boot_id, snapshot.confirmed.sequence) == ("b2", 1)
    assert agent.store.memory.boot_id == "b2"
    agent.kill()


@pytest.mark.parametrize("how", ["another boot", "a sleep"])
async def test_until_they_have_settled_devices_count_at_nameplate(devices, tmp_path, how):
    agent = await held(devices, tmp_path)
    assert (await agent.turn()).confirmed.enforced_budget_watts <= 1600
    if how == "a sleep":
        agent.slept += 60.0
    else:
        agent.boot_id = "b2"
    seen = [(await agent.turn()).confirmed.enforced_budget_watts for _ in range(25)]
    assert max(seen) == NAMEPLATE
    assert seen[-1] <= 1600
    agent.kill()


async def test_a_strangers_limit_of_another_boot_is_nobodys(devices, tmp_path):
    agent = await held(devices, tmp_path)
    devices[1].limit = 333.0
    assert (await agent.turns(2)).devices[1].owner
    agent.boot_id = "b2"
    for device in devices:
        device.limit = 700.0
    assert not (await agent.turns(4)).devices[1].owner
    agent.kill()


def test_a_boot_that_cannot_be_read_for_a_moment_is_no_other_boot():
    seen = ["b1", "", "b1", "b2", "b2"]
    watch = AwakeWatch("b1", lambda: seen.pop(0), lambda: 0.0)
    assert [watch.was_away(float(now)) for now in range(5)] == [False, False, False, True, False]
