"""The agent is killed right before or right after every single write to disk, in between those to devices."""

from nodeagent.commands import restore
from nodeagent.state import files
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

GRANTS = [2400, 1500, 2100]


class KillSwitch(BaseException):
    """The process is no more: nothing may catch it."""


class Disk:
    """Counts what is written for good, and kills at the n-th."""

    def __init__(self, monkeypatch):
        self.at, self.before, self.count = 0, False, 0
        for name in ("write_durably", "remove_durably"):
            monkeypatch.setattr(f"nodeagent.state.store.{name}", self._counted(getattr(files, name)))

    def arm(self, at, *, before):
        self.at, self.before, self.count = at, before, 0

    def _counted(self, write):
        def counted(*arguments):
            self.count += 1
            if self.count == self.at and self.before:
                raise KillSwitch
            write(*arguments)
            if self.count == self.at:
                raise KillSwitch

        return counted


def true_watts(devices):
    return sum(device.limit for device in devices) * 1.02 + REST


async def live(devices, state_dir):
    """Obeys all grants, then gives the node back; returns what the ledger has booked it at when it dies."""
    agent = Agent(devices, state_dir)
    reserve = float("inf")
    try:
        for sequence, grant in enumerate(GRANTS, start=1):
            # Under a raise the ledger has booked the new grant before the agent ever saw it.
            reserve = max(reserve, grant)
            agent.see(frequencies(budget(sequence, grant, base=800)), domain())
            for _ in range(220 if sequence == len(GRANTS) else 30):
                snapshot = await agent.turn()
                if snapshot.confirmed.sequence == sequence:
                    reserve = max(grant, snapshot.confirmed.enforced_budget_watts)
                    assert true_watts(devices) <= reserve
        reserve = float("inf")
        agent.see(frequencies(budget(len(GRANTS) + 1, 3000, base=800, release=True)), domain())
        await agent.turns(3)
    except KillSwitch:
        pass
    agent.kill()
    return reserve


def new_devices():
    return [FakeDevice(gpu_info(f"GPU-{n}"), limit=690.0, draw=600.0) for n in range(3)]


async def test_killed_at_every_write_to_disk(tmp_path, monkeypatch):
    disk = Disk(monkeypatch)
    await live(new_devices(), tmp_path / "count")
    writes = disk.count
    assert writes >= 10
    for at in range(1, writes + 1):
        for before in (True, False):
            await check_death(disk, at, tmp_path / f"{at}-{before}", before=before)


async def check_death(disk, at, state, *, before):
    devices = new_devices()
    disk.arm(at, before=before)
    reserve = await live(devices, state)
    disk.arm(0, before=False)
    assert true_watts(devices) <= reserve
    again = Agent(devices, state)
    for _ in range(5):
        await again.turn()
        assert true_watts(devices) <= reserve
    assert not any(device.owner for device in again.enforcer.devices), "its own writes are nobody else's"
    again.kill()
    store = Agent(devices, state).store
    assert restore(devices, store) == {}
    assert [device.limit for device in devices] == [690.0] * 3
    assert not store.originals
    store.close()
