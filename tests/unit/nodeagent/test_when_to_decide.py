"""Ten looks a second, but a decision only where something happened, or once a second."""

import asyncio
import contextlib

import pytest

from nodeagent.turns import Turns
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent
from tests.unit.nodeagent.news import EACH_NEWS


@pytest.fixture
def devices():
    return [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=300.0) for n in range(3)]


async def at_rest(devices, tmp_path):
    """An agent whose limits have settled, right after a decision."""
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(9)
    assert not agent.controller.is_due()
    return agent


async def looked(agent, seconds=0.1):
    """A look without a decision."""
    agent.controller.look()
    await asyncio.sleep(0.01)
    agent.clock.advance(seconds)


async def looks_until_due(agent, most=20):
    for number in range(most):
        if agent.controller.is_due():
            return number
        await looked(agent)
    return most


async def test_where_nothing_happens_a_decision_comes_once_a_second(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    assert await looks_until_due(agent) in (9, 10)
    agent.kill()


@EACH_NEWS
async def test_what_a_look_shows_is_decided_on_at_once(devices, tmp_path, happens):
    agent = await at_rest(devices, tmp_path)
    happens(devices[1])
    await looked(agent)
    assert agent.controller.is_due()
    agent.kill()


async def test_a_cut_that_comes_while_devices_are_looked_at_goes_out_when_they_have_answered(
    devices, tmp_path
):
    agent = await at_rest(devices, tmp_path)
    agent.controller.look()
    agent.see(frequencies(budget(2, 1200, base=800)), consistent=False)
    agent.controller.step()
    await asyncio.sleep(0.01)
    assert agent.controller.is_due()
    agent.controller.step()
    await asyncio.sleep(0.01)
    assert sum(device.limit for device in devices) * 1.02 + 100 <= 1200
    agent.kill()


async def test_a_device_that_hangs_is_noticed_in_time(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    devices[2].fault = "hang"
    agent.hanging = frozenset({"GPU-2"})
    agent.controller.look()
    for _ in range(11):
        agent.clock.advance(0.1)
        agent.enforcer.look()
    assert agent.enforcer.devices[2].fault.reason == "DeadlineExceeded"
    assert agent.controller.is_due()
    devices[2].released.set()
    agent.kill()


async def test_a_load_that_rises_is_followed_within_half_a_second(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    devices[0].draw = 480.0
    assert await looks_until_due(agent) <= 5
    agent.kill()


async def test_a_load_that_moves_by_less_than_limits_do_is_no_reason(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    devices[0].draw = 305.0
    assert await looks_until_due(agent) in (9, 10)
    agent.kill()


class Turning:
    """Notes when turns come, and whether they were set going."""

    def __init__(self):
        self.seen = []
        self.during = lambda: None

    def __call__(self, woken):
        self.seen.append((round(asyncio.get_running_loop().time() - self.began, 3), woken))
        self.during()
        return 0.1

    async def run(self, turns, seconds):
        self.began = asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await turns.run(self)
        return self.seen


@pytest.mark.looptime
async def test_a_turn_comes_at_its_period_or_when_it_is_set_going():
    turns = Turns()
    for _ in range(3):
        asyncio.get_running_loop().call_later(0.12, turns.set)
    assert await Turning().run(turns, 0.25) == [(0.0, False), (0.1, False), (0.12, True), (0.22, False)]


@pytest.mark.looptime
async def test_what_is_set_before_the_first_turn_or_during_one_is_not_lost():
    turns = Turns()
    turns.set()
    turning = Turning()
    turning.during = lambda: turns.set() if len(turning.seen) == 1 else None
    assert await turning.run(turns, 0.15) == [(0.0, True), (0.0, True), (0.1, False)]


@pytest.mark.looptime
async def test_after_the_end_nothing_turns_any_more():
    turns, turning = Turns(), Turning()
    await turning.run(turns, 0.05)
    turns.set()
    await asyncio.sleep(1.0)
    assert len(turning.seen) == 1


@pytest.mark.looptime
async def test_a_turn_that_fails_ends_the_loop_with_its_error():
    def fails(_woken):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await Turns().run(fails)
