"""A node is given back only when its domain has booked it at nameplate: letting go adds watts."""

import msgspec

from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent


async def test_a_release_that_is_not_booked_waits_and_says_so(tmp_path):
    devices = [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=600.0) for n in range(3)]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(3)
    limits = [device.limit for device in devices]
    unbooked = msgspec.structs.replace(budget(2, 1600, base=800, release=True), reserved_watts=2000)
    agent.see(frequencies(unbooked), domain())
    snapshot = await agent.turns(3)
    assert [device.limit for device in devices] == limits
    assert snapshot.confirmed.sequence == 1
    assert snapshot.verdict.reason == "ReleaseNotBooked"
    assert "2,000 W are booked" in snapshot.verdict.message
    agent.see(frequencies(budget(3, 1600, base=800, release=True)), domain())
    snapshot = await agent.turns(3)
    assert [device.limit for device in devices] == [700.0] * 3
    assert snapshot.confirmed.sequence == 3
    agent.kill()
