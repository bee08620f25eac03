"""What somebody else sets is left alone, counted at what it may draw, and named; a release keeps it."""

import json

import msgspec
import pytest

from common.api.meta import ObjectMeta
from nodeagent.devices.device import KIND_CPU, KIND_GPU
from nodeagent.hardware.ownership import UNSAVED, LimitOwner, node_manager
from nodeagent.report.device_status import gpu_status
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

NAMEPLATE = 714


@pytest.fixture
def devices():
    return [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=600.0) for n in range(3)]


async def held(devices, tmp_path, watts=1700):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, watts, base=800)), domain())
    await agent.turns(3)
    return agent


async def test_a_limit_that_somebody_changed_stays_and_the_others_make_room(devices, tmp_path):
    agent = await held(devices, tmp_path)
    devices[1].limit = 333.0
    snapshot = await agent.turns(3)
    assert devices[1].limit == 333.0
    assert (devices[0].limit + devices[2].limit) * 1.02 + NAMEPLATE + REST <= 1700
    status = gpu_status(snapshot.devices[1])
    assert "another writer (it set 333 W)" in status.owner
    assert status.status == "Failed"
    assert status.reason.startswith("ForeignLimit")
    agent.kill()


async def test_a_release_leaves_the_strangers_limit_and_gives_the_others_back(devices, tmp_path):
    agent = await held(devices, tmp_path)
    devices[1].limit = 333.0
    await agent.turns(2)
    agent.see(frequencies(budget(2, 3000, base=800, release=True)), domain())
    snapshot = await agent.turns(3)
    assert [device.limit for device in devices] == [700.0, 333.0, 700.0]
    assert snapshot.confirmed.sequence == 2
    agent.kill()


@pytest.mark.parametrize("how", ["the driver was reloaded", "the stranger put ours back"])
async def test_a_device_that_nobody_else_holds_any_more_is_taken_again(devices, tmp_path, how):
    agent = await held(devices, tmp_path)
    ours = devices[1].limit
    devices[1].limit = 333.0
    await agent.turns(2)
    devices[1].limit = 700.0 if how == "the driver was reloaded" else ours
    snapshot = await agent.turns(4)
    assert snapshot.devices[1].owner == ""
    assert sum(device.limit for device in devices) * 1.02 + REST <= 1700
    agent.kill()


async def test_what_the_watchdog_lowered_is_not_a_strangers(devices, tmp_path):
    agent = await held(devices, tmp_path)
    (tmp_path / "lowered.json").write_text(json.dumps({"bootID": "b", "limits": {"GPU-1": 210}}))
    devices[1].limit = 210.0
    snapshot = await agent.turns(3)
    assert snapshot.devices[1].owner == ""
    agent.kill()


async def test_a_node_under_another_manager_is_not_written(devices, tmp_path):
    agent = Agent(devices, tmp_path)
    labels = {"joulie.io/power-profile": "eco"}
    agent.world.node = msgspec.structs.replace(
        agent.world.node, metadata=ObjectMeta(name="node-1", uid="n1", labels=labels)
    )
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    snapshot = await agent.turns(3)
    assert [device.writes for device in devices] == [[], [], []]
    assert {view.owner for view in snapshot.devices} == {"joulie.io/power-profile"}
    assert snapshot.confirmed.enforced_budget_watts == snapshot.confirmed.nameplate_watts
    agent.kill()


def test_which_devices_a_label_claims():
    assert node_manager(KIND_GPU, {"power.intel.com/power-node": "true"}) == ""
    assert node_manager(KIND_CPU, {"power.intel.com/power-node": "true"}) == "power.intel.com/power-node"
    assert node_manager(KIND_GPU, {"joulie.io/power-profile": ""}) == ""


def test_a_late_write_of_our_own_is_no_strangers():
    owner = LimitOwner(700.0, UNSAVED)
    owner.seen(690.0)
    owner.wrote(500.0)
    owner.asks(400.0)
    owner.seen(500.0)
    owner.seen(400.0)
    assert owner.stranger == ""
    owner.seen(500.0)
    assert owner.stranger
