"""The agent is killed at every single write it makes: nothing is ever above what was confirmed."""

import pytest

from nodeagent.commands import restore
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

GRANTS = [3000, 1500, 2200, 1200]


class KillSwitchError(Exception):
    """The process is no more."""


class CountedDevice(FakeDevice):
    """Kills the agent right before or right after the n-th write of the whole node."""

    def __init__(self, info, switch):
        super().__init__(info, limit=690.0, draw=600.0)
        self.switch = switch

    def write_power_limit(self, watts):
        self.switch.count += 1
        if self.switch.dead or (self.switch.count == self.switch.at and self.switch.before):
            self.switch.dead = True
            raise KillSwitchError
        super().write_power_limit(watts)
        if self.switch.count == self.switch.at:
            self.switch.dead = True
            raise KillSwitchError


class Switch:
    def __init__(self, at=0, before=False):
        self.at, self.before, self.count, self.dead = at, before, 0, False


def true_watts(devices):
    return sum(device.limit for device in devices) * 1.02 + REST


async def live(devices, switch, tmp_path):
    """Runs through all grants; returns the confirmed watts and the grant at death."""
    agent = Agent(devices, tmp_path)
    reserve, granted = float("inf"), GRANTS[0]
    for sequence, granted in enumerate(GRANTS, start=1):
        agent.see(frequencies(budget(sequence, granted, base=800)), domain())
        for _ in range(25):
            snapshot = await agent.turn()
            if switch.dead:
                agent.kill()
                return reserve, granted
            if snapshot.confirmed.sequence == sequence:
                reserve = max(granted, snapshot.confirmed.enforced_budget_watts)
                assert true_watts(devices) <= reserve
    agent.kill()
    return reserve, granted


async def count_writes(tmp_path):
    switch = Switch()
    await live([CountedDevice(gpu_info(f"GPU-{n}"), switch) for n in range(3)], switch, tmp_path)
    return switch.count


async def test_killed_at_every_write(tmp_path):
    writes = await count_writes(tmp_path / "count")
    assert writes >= 9
    for at in range(1, writes + 1):
        for before in (True, False):
            switch = Switch(at, before)
            devices = [CountedDevice(gpu_info(f"GPU-{n}"), switch) for n in range(3)]
            state = tmp_path / f"{at}-{before}"
            reserve, granted = await live(devices, switch, state)
            # Under a raise the ledger has booked the new grant before the agent ever saw it.
            assert true_watts(devices) <= max(reserve, granted)
            await check_next_life(devices, switch, state, max(reserve, granted))


async def check_next_life(devices, switch, state, reserve):
    switch.dead, switch.at = False, -1
    agent = Agent(devices, state)
    last = len(GRANTS)
    for _ in range(5):
        await agent.turn()
        assert true_watts(devices) <= reserve
    agent.see(frequencies(budget(last, GRANTS[-1], base=800)), domain())
    snapshot = await agent.turns(3)
    assert snapshot.confirmed.sequence == last
    assert true_watts(devices) <= GRANTS[-1]
    agent.kill()
    store = Agent(devices, state).store
    assert restore(devices, store) == {}
    assert [device.limit for device in devices] == [690.0] * 3
    assert not store.originals
    store.close()


@pytest.mark.parametrize("boot_id", ["b1", "b2"])
async def test_a_restart_without_the_cluster_raises_nothing(tmp_path, boot_id):
    devices = [FakeDevice(gpu_info(f"GPU-{n}"), draw=600.0) for n in range(3)]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(3)
    agent.kill()
    before = [device.limit for device in devices]
    if boot_id == "b2":
        for device in devices:
            device.limit = 700.0
    again = Agent(devices, tmp_path, clock=agent.clock, boot_id=boot_id)
    await again.turns(2)
    if boot_id == "b1":
        assert [device.limit for device in devices] == before
    else:
        assert true_watts(devices) <= 800


async def test_a_release_brings_back_every_original_and_is_confirmed_after_it(tmp_path):
    devices = [FakeDevice(gpu_info(f"GPU-{n}"), limit=650.0 + n, draw=600.0) for n in range(3)]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(3)
    agent.see(frequencies(budget(2, 3000, base=800, release=True)), domain())
    devices[1].fault = "refuse"
    assert (await agent.turns(2)).confirmed.sequence == 1
    devices[1].fault = ""
    snapshot = await agent.turns(35)
    assert [device.limit for device in devices] == [650.0, 651.0, 652.0]
    assert snapshot.confirmed.sequence == 2
    assert snapshot.confirmed.enforced_budget_watts == snapshot.confirmed.nameplate_watts
    assert not agent.store.originals
