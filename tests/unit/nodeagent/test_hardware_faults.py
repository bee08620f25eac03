"""A device that fails fails alone, is counted at nameplate, and is taken back when it works again."""

import pytest

from common.api.frequencies import GpuPowerLimit
from nodeagent.hardware.jobs import Change
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

NAMEPLATE = 714
"""700 W and 2 % of excursions."""


@pytest.fixture
def devices():
    found = [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=600.0) for n in range(3)]
    yield found
    for device in found:
        device.released.set()


async def held(devices, tmp_path, watts=1600):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, watts, base=800)), domain())
    await agent.turns(3)
    return agent


async def test_limits_and_rest_fit_the_budget_and_it_is_confirmed(devices, tmp_path):
    agent = await held(devices, tmp_path)
    snapshot = await agent.turn()
    assert sum(d.limit for d in devices) * 1.02 + REST <= 1600
    assert snapshot.confirmed.sequence == 1
    assert snapshot.confirmed.enforced_budget_watts == snapshot.standing.charged_watts <= 1600
    assert snapshot.confirmed.nameplate_watts == 3 * NAMEPLATE + REST


async def test_nothing_is_confirmed_before_lower_limits_have_settled(devices, tmp_path):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    for _ in range(8):
        assert (await agent.turn()).confirmed.sequence == 0
    assert (await agent.turns(1)).confirmed.sequence == 1


@pytest.mark.parametrize(
    ("fault", "reason"), [("lost", "DeviceLost"), ("refuse", "NoPermission"), ("ignore", "WriteIgnored")]
)
async def test_a_failing_device_counts_at_nameplate_and_the_others_make_room(
    devices, tmp_path, fault, reason
):
    devices[0].fault = fault
    agent = await held(devices, tmp_path)
    snapshot = await agent.turn()
    assert snapshot.devices[0].fault.reason == reason
    assert NAMEPLATE + sum(d.limit for d in devices[1:]) * 1.02 + REST <= 1600
    assert snapshot.standing.charged_watts >= NAMEPLATE


@pytest.mark.parametrize("fault", ["lost", "refuse", "ignore"])
async def test_a_device_that_works_again_is_taken_back(devices, tmp_path, fault):
    devices[0].fault = fault
    agent = await held(devices, tmp_path)
    devices[0].fault = ""
    snapshot = await agent.turns(40)
    assert snapshot.devices[0].fault is None
    assert snapshot.standing.charged_watts <= 1600
    assert devices[0].limit < 700


async def test_a_hanging_device_delays_nobody_and_gets_no_more_calls(devices, tmp_path):
    agent = await held(devices, tmp_path)
    devices[2].fault = "hang"
    agent.hanging = frozenset({"GPU-2"})
    agent.see(frequencies(budget(2, 1300, base=800)), consistent=False)
    snapshot = await agent.turns(2)
    assert snapshot.devices[2].fault.reason == "DeadlineExceeded"
    assert all(d.limit <= 300 for d in devices[:2])
    assert snapshot.standing.charged_watts >= NAMEPLATE + 2 * 204 + REST


async def test_a_raise_counts_from_the_moment_it_is_sent(devices, tmp_path):
    agent = await held(devices, tmp_path)
    managed = agent.enforcer.devices[0]
    devices[0].fault = "hang"
    managed.start_change(Change(watts=680))
    assert managed.guard_view(None).exposure_watts == 680


async def test_limits_that_vanish_under_the_agent_are_written_again(devices, tmp_path):
    agent = await held(devices, tmp_path)
    for device in devices:
        device.limit = 700.0
    await agent.turns(0.3)
    assert sum(d.limit for d in devices) * 1.02 + REST <= 1600


async def test_a_dry_run_writes_nothing_and_confirms_nothing(devices, tmp_path):
    agent = Agent(devices, tmp_path, dry_run=True)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    snapshot = await agent.turns(2)
    assert not any(device.writes for device in devices)
    assert snapshot.confirmed.sequence == 0
    assert not agent.store.originals


async def test_set_points_apply_and_their_end_brings_the_original_back(devices, tmp_path):
    devices[0].limit = 650.0
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(gpu_power_limits=[GpuPowerLimit(gpu_id="GPU-0", watts=300)]))
    await agent.turns(1)
    assert [d.limit for d in devices] == [300, 700, 700]
    agent.see(frequencies())
    await agent.turns(1)
    assert [d.limit for d in devices] == [650, 700, 700]
    assert not agent.store.originals


async def test_an_object_for_another_node_is_refused(devices, tmp_path):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(node="node-2", gpu_power_limits=[GpuPowerLimit(gpu_id="GPU-0", watts=300)]))
    snapshot = await agent.turns(1)
    assert not devices[0].writes
    assert "node-2" in snapshot.problems[0]
