"""Ten looks a second, of which those that show nothing new cost next to nothing, and delay nothing."""

import asyncio
import random
import threading
import time

import pytest

from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent
from tests.unit.nodeagent.news import EACH_NEWS

_PATIENCE_SECONDS = 5.0


class CountedDevice(FakeDevice):
    """Counts looks, and notices two calls at once."""

    def __init__(self, number):
        super().__init__(gpu_info(f"GPU-{number}", index=number), draw=300.0)
        self.looks = 0
        self.overlapped = False
        self.gate = threading.Event()
        self.gate.set()
        self._calling = threading.Lock()

    def read(self):
        self.looks += 1
        return self._alone(super().read)

    def write_power_limit(self, watts):
        return self._alone(super().write_power_limit, watts)

    def _alone(self, call, *arguments):
        if not self._calling.acquire(blocking=False):
            self.overlapped = True
        try:
            time.sleep(0.0002)
            self.gate.wait(_PATIENCE_SECONDS)
            return call(*arguments)
        finally:
            if self._calling.locked():
                self._calling.release()


@pytest.fixture
def devices():
    return [CountedDevice(number) for number in range(3)]


async def at_rest(devices, tmp_path):
    """An agent whose limits have settled, after a decision and the looks that came with it."""
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1600, base=800)), domain())
    await agent.turns(9)
    agent.controller.collect()
    agent.controller.look()
    await until(lambda: all(not d.busy for d in agent.enforcer.devices), agent)
    return agent


async def until(ready, agent=None):
    late = time.monotonic() + _PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < late
        await asyncio.sleep(0.001)
        if agent is not None:
            agent.enforcer.collect()


async def look_again(agent, devices):
    """A turn in which only time passed; returns whether that was all."""
    agent.clock.advance(0.1)
    before = [device.looks for device in devices]
    if not agent.controller.look_again():
        return False
    await until(lambda: all(d.looks > n for d, n in zip(devices, before, strict=True)))
    await asyncio.sleep(0.005)
    return True


async def looks_again(agent, devices, most=20):
    for number in range(most):
        if not await look_again(agent, devices):
            return number
    return most


async def test_looks_are_made_and_what_they_showed_is_taken_in_each_half_second(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    agent.controller.collect()
    devices[0].draw = 305.0
    assert await looks_again(agent, devices) in (3, 4)
    agent.controller.collect()
    assert agent.enforcer.devices[0].reading.draw_watts == 305.0
    agent.kill()


@EACH_NEWS
async def test_what_is_new_is_handed_over_at_once(devices, tmp_path, happens):
    agent = await at_rest(devices, tmp_path)
    assert await look_again(agent, devices)
    happens(devices[1])
    assert await look_again(agent, devices)
    await until(agent.controller.is_due)
    agent.kill()


async def test_a_draw_above_the_limit_is_handed_over_at_once(devices, tmp_path, monkeypatch):
    agent = await at_rest(devices, tmp_path)
    device = agent.enforcer.devices[1]
    limit = devices[1].limit
    monkeypatch.setattr("tests.fakes.devices.min", lambda draw, _limit: draw, raising=False)
    devices[1].draw = limit * 1.1
    assert await look_again(agent, devices)
    await until(lambda: device.reading.draw_watts > limit)
    agent.kill()


async def test_a_device_that_hangs_ends_it(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    devices[2].fault = "hang"
    agent.hanging = frozenset({"GPU-2"})
    agent.clock.advance(0.1)
    assert agent.controller.look_again()
    for _ in range(11):
        agent.clock.advance(0.1)
        assert not agent.controller.look_again()
        agent.controller.look()
        await asyncio.sleep(0.003)
    assert agent.enforcer.devices[2].fault.reason == "DeadlineExceeded"
    assert devices[0].looks > 9
    devices[2].released.set()
    agent.kill()


async def test_a_cut_does_not_wait_for_answers_that_nobody_came_for(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    assert await look_again(agent, devices)
    agent.see(frequencies(budget(2, 1200, base=800)), consistent=False)
    agent.controller.step()
    assert not agent.enforcer.has_news
    await until(lambda: sum(device.limit for device in devices) * 1.02 + 100 <= 1200)
    agent.kill()


async def test_a_cut_that_waits_for_a_look_hurries_its_answer(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    devices[2].gate.clear()
    agent.clock.advance(0.1)
    assert agent.controller.look_again()
    agent.see(frequencies(budget(2, 1200, base=800)), consistent=False)
    agent.controller.step()
    assert agent.enforcer.has_news
    devices[2].gate.set()
    await until(lambda: not agent.enforcer.devices[2].busy)
    agent.controller.step()
    await until(lambda: sum(device.limit for device in devices) * 1.02 + 100 <= 1200)
    agent.kill()


async def test_a_device_that_is_being_written_is_not_looked_at(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    agent.controller.collect()
    devices[2].gate.clear()
    agent.see(frequencies(budget(2, 1200, base=800)), consistent=False)
    agent.controller.step()
    agent.clock.advance(0.1)
    assert not agent.controller.look_again()
    devices[2].gate.set()
    await until(lambda: all(not d.busy for d in agent.enforcer.devices), agent)
    agent.kill()


async def test_answers_from_before_a_sleep_count_for_nothing(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    assert await look_again(agent, devices)
    agent.slept += 60.0
    agent.clock.advance(1.0)
    for device in devices:
        device.fault = "hang"
    agent.hanging = frozenset(device.info.id for device in devices)
    agent.controller.step()
    assert [device.reading for device in agent.enforcer.devices] == [None] * 3
    for device in devices:
        device.released.set()
    agent.kill()


async def test_a_device_is_never_called_by_two_at_once(devices, tmp_path):
    agent = await at_rest(devices, tmp_path)
    choice = random.Random(11)
    for sequence in range(2, 60):
        agent.clock.advance(choice.choice((0.03, 0.1)))
        if choice.random() < 0.4:
            agent.see(frequencies(budget(sequence, choice.randint(900, 1600), base=800)), consistent=False)
            agent.controller.step()
        elif not agent.controller.look_again():
            agent.controller.collect()
            agent.controller.look()
        await asyncio.sleep(choice.choice((0.0, 0.0005, 0.003)))
    assert any(device.writes for device in devices)
    assert not any(device.overlapped for device in devices)
    await until(lambda: all(not d.busy for d in agent.enforcer.devices), agent)
    agent.kill()
