"""The base at boot: written from what the last boot left, by what is left of it, and never upwards."""

import pytest

from nodeagent.boot.base import BaseOrders, write_base
from nodeagent.boot.record import BootRecord, is_boot_protected, save_record
from nodeagent.devices.device import DeviceSet
from nodeagent.devices.errors import DeviceUnreachableError
from nodeagent.state.files import DirectoryLock
from nodeagent.state.store import StateStore
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

BASE = REST + 500


class Machine:
    """Two boards whose limits go with the driver, and the state directory, which stays."""

    def __init__(self, directory):
        self.directory = directory
        self.boards = []
        self.boot()
        self.missing = 0

    def boot(self, limit=700.0):
        self.boards = [FakeDevice(gpu_info(f"GPU-{n}", index=n), limit=limit, draw=600.0) for n in range(2)]

    def found(self):
        if self.missing:
            self.missing -= 1
            raise DeviceUnreachableError("the driver is not loaded")
        return DeviceSet(devices=list(self.boards), rest_bound_watts=REST)

    def write_base(self, patience=5.0):
        slept = []
        orders = BaseOrders(self.directory, "boot-2", self.found, 1.0, patience)
        record = write_base(orders, clock=lambda: float(len(slept)), sleep=slept.append)
        return record, len(slept)

    @property
    def limits(self):
        return [board.limit for board in self.boards]

    async def held_before(self, release=False):
        agent = Agent(self.boards, self.directory)
        grant = budget(1, REST + 1000, base=BASE)
        agent.see(frequencies(grant), domain(granted=20_000))
        await agent.turns(3)
        if release:
            agent.see(frequencies(budget(2, REST + 1000, base=BASE, release=True)), domain(granted=20_000))
            await agent.turns(3)
        agent.kill()
        self.boot()


@pytest.fixture
async def machine(tmp_path):
    found = Machine(tmp_path)
    await found.held_before()
    return found


async def test_after_a_reboot_the_devices_are_at_base_before_any_agent(machine):
    assert machine.limits == [700.0, 700.0]
    record, _ = machine.write_base()
    assert record.held
    assert sum(machine.limits) * 1.02 + REST <= BASE


async def test_it_never_raises_a_limit(machine):
    machine.boot(limit=200.0)
    record, _ = machine.write_base()
    assert record.held
    assert machine.limits == [200.0, 200.0]


async def test_the_agent_that_comes_next_takes_the_limits_for_its_own(machine):
    machine.write_base()
    found = machine.limits[0]
    agent = Agent(machine.boards, machine.directory, boot_id="b2")
    agent.see(frequencies(budget(1, REST + 1000, base=BASE)), domain(granted=20_000))
    snapshot = await agent.turns(3)
    assert not any(view.owner for view in snapshot.devices)
    assert agent.store.lowered_by_watchdog("GPU-0") == found
    agent.kill()


async def test_a_driver_that_comes_late_is_waited_for(machine):
    machine.missing = 3
    record, slept = machine.write_base()
    assert (record.held, slept) == (True, 3)


async def test_a_driver_that_never_comes_costs_no_more_than_the_patience(machine):
    machine.missing = 1000
    record, slept = machine.write_base(patience=5.0)
    assert (record.held, slept) == (False, 5)
    assert "the driver is not loaded" in record.outcome


@pytest.mark.parametrize("fault", ["refuse", "ignore", "lost"])
async def test_a_device_that_does_not_obey_is_named(machine, fault):
    machine.boards[1].fault = fault
    record, _ = machine.write_base(patience=1.0)
    assert not record.held
    assert f"the base is {BASE:,} W" in record.outcome
    assert machine.limits[0] < 700.0


async def test_without_a_grant_there_is_nothing_to_write(tmp_path):
    machine = Machine(tmp_path)
    record, _ = machine.write_base()
    assert (record.held, machine.limits) == (True, [700.0, 700.0])
    await machine.held_before(release=True)
    record, _ = machine.write_base()
    assert (record.held, machine.limits) == (True, [700.0, 700.0])


async def test_beside_an_agent_that_runs_nothing_is_written(machine):
    lock = DirectoryLock(machine.directory)
    record, _ = machine.write_base()
    lock.release()
    assert record.held
    assert "the agent runs" in record.outcome
    assert machine.limits == [700.0, 700.0]


async def test_a_device_whose_original_is_not_saved_is_left_alone(machine):
    store = StateStore(machine.directory)
    store.forget_originals({"GPU-1"})
    store.close()
    record, _ = machine.write_base(patience=0.0)
    assert (record.held, machine.limits[1]) == (False, 700.0)


def test_only_the_record_of_this_boot_protects_it(tmp_path):
    assert is_boot_protected(tmp_path, "boot-2") is None
    save_record(tmp_path, BootRecord("boot-2", True, "at base"))
    assert is_boot_protected(tmp_path, "boot-2") is True
    assert is_boot_protected(tmp_path, "boot-3") is False
    assert is_boot_protected(tmp_path, "") is False
    save_record(tmp_path, BootRecord("boot-2", False, "over base"))
    assert is_boot_protected(tmp_path, "boot-2") is False
    (tmp_path / "boot.json").write_text("{")
    assert is_boot_protected(tmp_path, "boot-2") is None
