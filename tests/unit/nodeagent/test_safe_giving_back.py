"""What somebody changed since we left it is not put back over their setting, and is reported by name."""

import pytest

from common.api.frequencies import GpuFrequency
from nodeagent.commands import restore
from nodeagent.report.device_status import gpu_status
from nodeagent.state.originals import Left, Original
from nodeagent.state.store import StateStore
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent


@pytest.fixture
def devices():
    return [FakeDevice(gpu_info(f"GPU-{n}", index=n), limit=690.0, draw=600.0) for n in range(3)]


async def left_by_an_agent(devices, state_dir, **spec):
    """An agent that held the devices for a while, and is gone."""
    agent = Agent(devices, state_dir)
    agent.see(frequencies(budget(1, 1600, base=800), **spec), domain())
    await agent.turns(3)
    agent.enforcer.note_left()
    agent.kill()
    return agent.clock


def restored(devices, state_dir, **how):
    store = StateStore(state_dir)
    try:
        return restore(devices, store, **how), set(store.originals)
    finally:
        store.close()


async def test_a_limit_changed_while_no_agent_ran_is_not_restored_over_and_named(devices, tmp_path):
    await left_by_an_agent(devices, tmp_path)
    devices[1].limit = 333.0
    wrong, kept = restored(devices, tmp_path)
    assert [device.limit for device in devices] == [690.0, 333.0, 690.0]
    assert set(wrong) == kept == {"GPU-1"}
    assert wrong["GPU-1"].startswith("ForeignLimit: its limit is 333 W")


async def test_a_clock_ceiling_changed_while_no_agent_ran_is_not_restored_over(devices, tmp_path):
    locked = GpuFrequency(gpu_id="GPU-0", target_frequency=1200)
    await left_by_an_agent(devices, tmp_path, gpu_frequencies=[locked])
    assert devices[0].clock_limit == 1200
    devices[0].clock_limit = 900
    wrong, _ = restored(devices, tmp_path)
    assert devices[0].clock_limit == 900
    assert devices[0].limit < 690.0, "a device is left alone as a whole"
    assert "clock ceiling is 900 MHz, we left 1,200 MHz" in wrong["GPU-0"]


async def test_a_person_may_have_it_restored_all_the_same(devices, tmp_path):
    await left_by_an_agent(devices, tmp_path)
    devices[1].limit = 333.0
    assert restored(devices, tmp_path, over_others=True) == ({}, set())
    assert [device.limit for device in devices] == [690.0] * 3


async def test_a_driver_that_was_reloaded_is_nobodys_change(devices, tmp_path):
    await left_by_an_agent(devices, tmp_path)
    devices[1].limit = 700.0
    assert restored(devices, tmp_path) == ({}, set())
    assert devices[1].limit == 690.0


async def test_what_the_watchdog_lowered_is_nobodys_change(devices, tmp_path):
    await left_by_an_agent(devices, tmp_path)
    (tmp_path / "lowered.json").write_text('{"bootID": "b", "limits": {"GPU-1": 205}}')
    devices[1].limit = 205.0
    assert restored(devices, tmp_path) == ({}, set())


async def test_the_next_agent_leaves_alone_what_was_changed_while_none_ran(devices, tmp_path):
    clock = await left_by_an_agent(devices, tmp_path)
    devices[1].limit = 333.0
    agent = Agent(devices, tmp_path, clock=clock)
    agent.see(frequencies(budget(2, 1700, base=800)), domain())
    snapshot = await agent.turns(4)
    assert devices[1].limit == 333.0
    assert gpu_status(snapshot.devices[1]).reason.startswith("ForeignLimit")
    agent.kill()


async def test_a_release_leaves_a_changed_clock_alone_gives_the_others_back_and_says_so(devices, tmp_path):
    locked = [GpuFrequency(gpu_id=f"GPU-{n}", target_frequency=1200) for n in range(3)]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800), gpu_frequencies=locked), domain())
    await agent.turns(22)
    # Somebody writes in the moment in which the cluster lets the node go.
    devices[2].clock_limit = 900
    agent.see(frequencies(budget(2, 3000, base=800, release=True)), domain())
    agent.enforcer.devices[2].reading = devices[2].read()
    snapshot = await agent.turns(4)
    assert [device.clock_limit for device in devices] == [None, None, 900]
    assert [device.limit for device in devices][:2] == [690.0, 690.0]
    found = gpu_status(snapshot.devices[2])
    assert (found.status, found.reason.split(":")[0]) == ("Failed", "ForeignLimit")
    assert snapshot.confirmed.sequence == 2
    assert not agent.store.originals
    agent.kill()


async def test_a_change_that_may_be_our_own_late_write_is_put_back(devices, tmp_path):
    await left_by_an_agent(devices, tmp_path)
    store = StateStore(tmp_path)
    store.note_writing({"GPU-1": False})
    store.close()
    devices[1].limit = 444.0
    assert restored(devices, tmp_path) == ({}, set())
    assert devices[1].limit == 690.0


def test_what_was_left_and_what_is_being_written_survive(tmp_path):
    store = StateStore(tmp_path)
    store.keep_originals({"a": Original(limit_watts=650.0)})
    store.note_writing({"a": True, "never held": True})
    store.note_left({"a": Left(limit_watts=400.0, settings={"x": "1"})})
    store.note_writing({"a": False})
    store.close()
    again = StateStore(tmp_path)
    found = again.originals["a"]
    assert (found.limit_watts, found.left.settings, found.clock_written, found.unsettled) == (
        650.0,
        {"x": "1"},
        True,
        True,
    )
    assert set(again.originals) == {"a"}
    again.close()


async def test_limits_that_move_are_noted_once_they_rest(devices, tmp_path):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(15)
    assert all(original.unsettled for original in agent.store.originals.values())
    await agent.turns(8)
    assert [o.left_watts for o in agent.store.originals.values()] == [device.limit for device in devices]
    agent.kill()


async def test_a_full_disk_does_not_stop_a_cut(devices, tmp_path, monkeypatch):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(6)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nodeagent.state.store.write_durably", full)
    agent.see(frequencies(budget(2, 1200, base=800)), consistent=False)
    await agent.turns(2)
    assert sum(device.limit for device in devices) * 1.02 + 100 <= 1200
    agent.kill()
