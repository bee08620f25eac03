"""Boards behind the real ``pynvml`` that others set, that ignore their limit, or that hang at the start."""

import time

import pytest

from common.api.frequencies import GpuFrequency
from nodeagent.commands import restore
from nodeagent.devices import nvml
from nodeagent.report.device_status import gpu_status
from nodeagent.state.store import StateStore
from tests.fakes.nvml.machine import Fault
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST

CHARGED = 1.05


def agent_on(boards, state_dir):
    found = nvml.discover(clock=lambda: boards.now_seconds)
    return ThreadedAgent(found.devices, state_dir, boards.advance)


@pytest.fixture
def busy_boards(boards):
    for board in boards.gpus:
        board.load = 1.0
    return boards


def limits_watts(boards):
    return [board.requested_limit_mw / 1000 for board in boards.gpus]


async def held(agent, watts=4000):
    agent.see(frequencies(budget(1, watts, base=2000)), domain())
    return await agent.turns(6)


async def test_a_limit_enforced_from_outside_is_named_and_does_not_lend_its_watts(busy_boards, tmp_path):
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    busy_boards.gpus[2].foreign_limit_mw = 250_000
    snapshot = await agent.turns(3)
    found = gpu_status(snapshot.devices[2])
    assert (found.status, found.reason.split(":")[0]) == ("Clamped", "ForeignLimit")
    assert found.enforced_watts == 250
    assert sum(limits_watts(busy_boards)) * CHARGED + REST <= 4000, "it may be lifted at any time"
    busy_boards.gpus[2].foreign_limit_mw = 0
    snapshot = await agent.turns(1)
    assert gpu_status(snapshot.devices[2]).status == "Applied"
    agent.kill()


async def test_a_limit_that_somebody_else_requested_is_left_alone(busy_boards, tmp_path):
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    busy_boards.gpus[2].requested_limit_mw = 333_000
    snapshot = await agent.turns(3)
    found = gpu_status(snapshot.devices[2])
    assert (found.status, found.reason.split(":")[0]) == ("Failed", "ForeignLimit")
    assert limits_watts(busy_boards)[2] == 333
    agent.kill()


async def test_where_the_limit_does_nothing_the_clock_is_lowered_until_the_draw_fits(busy_boards, tmp_path):
    board = busy_boards.gpus[0]
    board.faults = Fault.UNENFORCED
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    snapshot = await agent.turns(15)
    limit = board.requested_limit_mw / 1000
    assert limit < 600
    assert 0 < board.clock_lock_mhz < 1980
    assert board.draw_watts <= limit * 1.01
    assert gpu_status(snapshot.devices[0]).status == "Inert"
    assert snapshot.standing.charged_watts <= 4000
    agent.kill()


async def test_a_lock_that_somebody_set_on_a_board_without_ours_survives_release_and_restore(
    busy_boards, tmp_path
):
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    busy_boards.gpus[0].clock_lock_mhz = 1500
    agent.kill()
    store = StateStore(tmp_path)
    assert restore(nvml.discover().devices, store) == {}
    store.close()
    assert busy_boards.gpus[0].clock_lock_mhz == 1500
    assert limits_watts(busy_boards) == [700] * 8


async def test_our_own_lock_is_let_go_by_a_process_that_never_saw_it_written(boards, tmp_path):
    locked = GpuFrequency(gpu_id=boards.gpus[0].uuid.decode(), target_frequency=1200)
    agent = agent_on(boards, tmp_path)
    agent.see(frequencies(gpu_frequencies=[locked]))
    await agent.turns(6)
    agent.kill()
    assert boards.gpus[0].clock_lock_mhz == 1200
    store = StateStore(tmp_path)
    assert restore(nvml.discover().devices, store) == {}
    store.close()
    assert boards.gpus[0].clock_lock_mhz == 0


async def test_a_limit_changed_while_no_agent_ran_stays_and_the_other_boards_go_back(busy_boards, tmp_path):
    agent = agent_on(busy_boards, tmp_path)
    await held(agent)
    agent.enforcer.note_left()
    agent.kill()
    busy_boards.gpus[5].requested_limit_mw = 333_000
    store = StateStore(tmp_path)
    wrong = restore(nvml.discover().devices, store)
    store.close()
    assert list(wrong) == [busy_boards.gpus[5].uuid.decode()]
    assert limits_watts(busy_boards) == [700] * 5 + [333] + [700] * 2
    assert busy_boards.gpus[5].persistence == 1, "or the limit of the other would go with the last process"


def test_a_board_that_hangs_at_the_start_costs_neither_the_others_nor_more_than_the_deadline(boards):
    began = time.monotonic()
    with boards.gpus[3].failing(Fault.HANG):
        found = nvml.discover(nvml.Patience(board_seconds=0.3)).devices
        took = time.monotonic() - began
    assert took < 1.5
    assert [device.info.limits_watts for device in found] == [True] * 3 + [False] + [True] * 4
    assert found[3].info.model == "unreadable (DeadlineExceeded)"
    assert found[3].info.nameplate_watts == 700
