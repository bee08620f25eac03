"""With a learned rest, limits and the rest beside them stay within the budget, and use more of it."""

import random

import pytest

from nodeagent.devices.errors import DeviceUnreachableError
from nodeagent.guard.restbound import RestBound, RestSource
from nodeagent.guard.restlearning import LearnedRest, LearningSettings
from nodeagent.hardware.rest import RestReader
from tests.fakes.clock import FakeClock
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent

RATIO = 1.02
GRANT = 2200
SETTINGS = LearningSettings(enough_seconds=20.0, margin_ratio=0.03, follow_ratio=0.2)


class Rest:
    """A rest that follows what devices draw, as fans and losses do, and its meter, which errs."""

    def __init__(self, devices, *, idle=250.0, slope=0.18, error=0.0, seed=1):
        self.devices, self.idle, self.slope, self.error = devices, idle, slope, error
        self.broken = False
        self._random = random.Random(seed)

    def watts(self, drawn):
        return self.idle + self.slope * drawn

    @property
    def nameplate(self):
        return 900

    @property
    def worst_watts(self):
        """The most that the node may draw over a second by its present limits."""
        drawn = sum(device.limit for device in self.devices) * RATIO
        return drawn + self.watts(drawn)

    def read_watts(self):
        if self.broken:
            raise DeviceUnreachableError("the controller is being updated")
        drawn = sum(min(device.draw, device.limit) for device in self.devices)
        return self.watts(drawn) * (1.0 + self._random.uniform(-self.error, self.error))


def agent_with(rest, state_dir, clock=None):
    clock = clock or FakeClock()
    bound = RestBound(rest.nameplate, LearnedRest(SETTINGS), 0.8, clock.monotonic())
    reader = RestReader(bound, rest, clock.monotonic)
    return Agent(rest.devices, state_dir, clock=clock, rest=reader)


@pytest.fixture
def devices():
    return [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=690.0) for n in range(3)]


@pytest.mark.parametrize("error", [0.0, 0.02], ids=["exact meter", "meter that errs"])
async def test_more_of_the_budget_is_used_and_it_holds_at_every_moment(devices, tmp_path, error):
    rest = Rest(devices, error=error)
    agent = agent_with(rest, tmp_path)
    agent.see(frequencies(budget(1, GRANT, base=1600)), domain())
    await agent.turns(5)
    before = sum(device.limit for device in devices)

    def holds(snapshot):
        assert rest.worst_watts <= GRANT
        assert snapshot.standing.charged_watts <= GRANT

    snapshot = await agent.turns(60, holds)
    assert snapshot.standing.rest.source is RestSource.LEARNED
    assert sum(device.limit for device in devices) > before + 150
    agent.kill()


async def test_it_holds_when_idle_devices_that_were_learned_with_begin_to_work(devices, tmp_path):
    rest = Rest(devices)
    for device in devices:
        device.draw = 80.0
    agent = agent_with(rest, tmp_path)
    agent.see(frequencies(budget(1, GRANT, base=1600)), domain())
    await agent.turns(40)
    for device in devices:
        device.draw = 690.0

    def holds(_snapshot):
        assert rest.worst_watts <= GRANT

    await agent.turns(40, holds)
    agent.kill()


async def test_a_rest_that_rises_lowers_the_devices_in_the_next_step_and_is_confirmed(devices, tmp_path):
    rest = Rest(devices)
    agent = agent_with(rest, tmp_path)
    agent.see(frequencies(budget(1, GRANT, base=1600)), domain())
    await agent.turns(60)
    rest.idle += 200.0
    seen = [(await agent.turn()).confirmed.enforced_budget_watts for _ in range(7)]
    assert rest.worst_watts <= GRANT
    assert max(seen) > GRANT, "what the node may draw is not hidden while devices are on their way"
    assert (await agent.turns(3)).confirmed.enforced_budget_watts <= GRANT
    agent.kill()


async def test_when_the_meter_goes_the_devices_make_room_and_nothing_over_the_grant_is_confirmed(
    devices, tmp_path
):
    rest = Rest(devices)
    agent = agent_with(rest, tmp_path)
    agent.see(frequencies(budget(1, GRANT, base=1600)), domain())
    await agent.turns(60)
    rest.broken = True

    def holds(snapshot):
        assert snapshot.confirmed.enforced_budget_watts <= GRANT

    snapshot = await agent.turns(10, holds)
    assert snapshot.standing.rest.watts == rest.nameplate
    assert sum(device.limit for device in devices) * RATIO + rest.nameplate <= GRANT
    assert "controller is being updated" in snapshot.problems[0]
    agent.kill()


async def test_the_base_is_chosen_by_a_rest_at_its_highest(devices, tmp_path):
    rest = Rest(devices)
    agent = agent_with(rest, tmp_path)
    agent.see(frequencies(budget(1, GRANT, base=1600)), domain())
    snapshot = await agent.turns(60)
    assert snapshot.confirmed.minimum_budget_watts == 3 * 204 + rest.nameplate
    assert snapshot.standing.minimum_watts < 3 * 204 + rest.nameplate
    agent.kill()


async def test_at_its_floors_a_node_that_cannot_make_room_says_so(devices, tmp_path):
    rest = Rest(devices)
    agent = agent_with(rest, tmp_path)
    agent.see(frequencies(budget(1, GRANT, base=1200)), domain())
    await agent.turns(40)
    agent.see(frequencies(budget(2, 1200, base=1200)), domain())
    await agent.turns(3)
    rest.broken = True
    snapshot = await agent.turns(10)
    assert [device.limit for device in devices] == [200.0] * 3
    assert snapshot.confirmed.enforced_budget_watts == 3 * 204 + rest.nameplate > 1200
    agent.kill()
