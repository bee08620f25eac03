"""The agent on boards behind the real ``pynvml``: held, adopted, given back, each fault alone."""

import pytest

from common.api.frequencies import GpuFrequency, GpuPowerLimit
from nodeagent.commands import restore
from nodeagent.devices import cpu, nvml
from nodeagent.state.store import StateStore
from tests.fakes.nvml.machine import Fault, Hang
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST

CHARGED = 1.05
"""What a limit is charged with: five percent of excursions."""


def agent_on(boards, state_dir):
    return ThreadedAgent(nvml.discover(clock=lambda: boards.now_seconds).devices, state_dir, boards.advance)


@pytest.fixture
def busy_boards(boards):
    for board in boards.gpus:
        board.load = 1.0
    return boards


def limits_watts(boards):
    return [board.requested_limit_mw / 1000 for board in boards.gpus]


def uuid(boards, index):
    return boards.gpus[index].uuid.decode()


async def held(agent, watts=4000):
    agent.see(frequencies(budget(1, watts, base=2000)), domain())
    return await agent.turns(3)


async def test_eight_boards_are_held_within_a_budget_and_it_is_confirmed(busy_boards, tmp_path):
    snapshot = await held(agent_on(busy_boards, tmp_path))
    assert sum(limits_watts(busy_boards)) * CHARGED + REST <= 4000
    assert sum(board.draw_watts for board in busy_boards.gpus) + REST <= 4000
    assert snapshot.confirmed.sequence == 1
    assert all(board.persistence for board in busy_boards.gpus)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.NO_PERMISSION, "NoPermission"),
        (Fault.NOT_SUPPORTED, "NotSupported"),
        (Fault.LOST, "DeviceLost"),
        (Fault.IGNORES, "WriteIgnored"),
    ],
    ids=["no permission", "not supported", "lost", "ignored"],
)
async def test_a_board_that_fails_counts_at_nameplate_and_the_others_make_room(
    busy_boards, tmp_path, fault, reason
):
    agent = agent_on(busy_boards, tmp_path)
    await agent.turn()
    busy_boards.gpus[0].faults = fault
    snapshot = await held(agent)
    assert snapshot.devices[0].fault.reason == reason
    assert 700 * CHARGED + sum(limits_watts(busy_boards)[1:]) * CHARGED + REST <= 4000


async def test_a_board_that_hangs_is_late_alone(busy_boards, tmp_path):
    agent = agent_on(busy_boards, tmp_path)
    await agent.turn()
    agent.hanging = frozenset({uuid(busy_boards, 0)})
    with busy_boards.gpus[0].failing(Fault.HANG):
        snapshot = await held(agent)
        assert snapshot.devices[0].fault.reason == "DeadlineExceeded"
        assert 700 * CHARGED + sum(limits_watts(busy_boards)[1:]) * CHARGED + REST <= 4000
    agent.hanging = frozenset()
    snapshot = await agent.turns(3)
    assert snapshot.devices[0].fault is None


async def test_limits_that_went_with_the_driver_are_written_again(busy_boards, tmp_path):
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    busy_boards.load_driver()
    await agent.turns(3)
    assert sum(limits_watts(busy_boards)) * CHARGED + REST <= 4000
    assert all(board.persistence for board in busy_boards.gpus)


async def test_a_driver_that_wedges_while_it_is_loaded_anew_holds_up_only_its_boards(
    busy_boards, sysfs, tmp_path
):
    sysfs.package(0)
    busy_boards.gpu_count = 2
    packages = cpu.discover(cpu.CpuSettings(sysfs.root), pause=lambda seconds: None).devices
    devices = [*packages, *nvml.discover(clock=lambda: busy_boards.now_seconds).devices]
    agent = ThreadedAgent(devices, tmp_path, busy_boards.advance)
    agent.see(frequencies(budget(1, 1500, base=800)), domain())
    await agent.turns(3)
    agent.hanging = frozenset(device.info.id for device in devices[1:])
    with busy_boards.hanging(Hang.INIT):
        busy_boards.load_driver()
        snapshot = await agent.turns(3)
        assert all(view.fault is not None for view in snapshot.devices[1:])
        assert snapshot.devices[0].fault is None
        assert snapshot.devices[0].reading.limit_watts == 88, "the package makes room"
    agent.hanging = frozenset()
    snapshot = await agent.turns(40)
    assert [view.fault for view in snapshot.devices] == [None] * 3
    assert sum(limits_watts(busy_boards)[:2]) * CHARGED + REST <= 1500


async def test_the_next_agent_adopts_what_it_finds_and_gives_it_back(busy_boards, tmp_path):
    busy_boards.gpus[3].requested_limit_mw = 650_000
    first = agent_on(busy_boards, tmp_path)
    await held(first)
    before = limits_watts(busy_boards)
    first.kill()
    second = agent_on(busy_boards, tmp_path)
    await second.turns(1)
    assert limits_watts(busy_boards) == before
    second.see(frequencies(budget(2, 4000, base=2000, release=True)), domain())
    await second.turns(3)
    assert limits_watts(busy_boards) == [700, 700, 700, 650, 700, 700, 700, 700]
    assert second.store.originals == {}


async def test_a_lock_whose_set_point_went_while_no_agent_ran_is_let_go(boards, tmp_path):
    locked = GpuFrequency(gpu_id=uuid(boards, 0), target_frequency=1200)
    first = agent_on(boards, tmp_path)
    first.see(frequencies(gpu_frequencies=[locked]))
    await first.turns(1)
    assert boards.gpus[0].clock_lock_mhz == 1200
    first.kill()
    second = agent_on(boards, tmp_path)
    second.see(frequencies())
    await second.turns(1)
    assert boards.gpus[0].clock_lock_mhz == 0
    assert second.store.originals == {}


async def test_a_lock_of_a_person_is_left_alone_while_only_watts_are_held(busy_boards, tmp_path):
    busy_boards.gpus[0].clock_lock_mhz = 1500
    await held(agent_on(busy_boards, tmp_path))
    assert busy_boards.gpus[0].clock_lock_mhz == 1500


async def test_set_points_are_applied_by_uuid(boards, tmp_path):
    agent = agent_on(boards, tmp_path)
    point = GpuPowerLimit(gpu_id=uuid(boards, 5), watts=450)
    agent.see(frequencies(gpu_power_limits=[point]))
    await agent.turns(1)
    assert limits_watts(boards) == [700] * 5 + [450] + [700] * 2


async def test_persistence_mode_goes_back_too_when_a_board_is_given_back(busy_boards, tmp_path):
    busy_boards.gpus[1].persistence = 1
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    agent.see(frequencies(budget(2, 4000, base=2000, release=True)), domain())
    await agent.turns(3)
    assert [board.persistence for board in busy_boards.gpus] == [0, 1, 0, 0, 0, 0, 0, 0]
    assert agent.store.originals == {}


async def test_originals_stay_saved_until_every_setting_is_back(busy_boards, tmp_path):
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    agent.see(frequencies(budget(2, 4000, base=2000, release=True)), domain())
    with busy_boards.gpus[0].failing(Fault.NO_PERMISSION):
        await agent.turns(3)
        assert busy_boards.gpus[0].persistence == 1
        assert uuid(busy_boards, 0) in agent.store.originals
    await agent.turns(40)
    assert busy_boards.gpus[0].persistence == 0
    assert agent.store.originals == {}


async def test_the_restore_command_puts_every_setting_back(busy_boards, tmp_path):
    busy_boards.gpus[3].requested_limit_mw = 650_000
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    agent.kill()
    store = StateStore(tmp_path)
    assert restore(nvml.discover().devices, store) == {}
    assert [board.persistence for board in busy_boards.gpus] == [0] * 8
    assert limits_watts(busy_boards)[3] == 650
    assert store.originals == {}
    store.close()
