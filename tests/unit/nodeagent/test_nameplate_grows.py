"""A node that can draw more than its domain knew (another GPU, a larger one) is not let go over it."""

import msgspec
import pytest

from nodeagent.guard.model import GuardDevice
from nodeagent.report.status import build_status
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

CHARGED = 714
"""Of a board at its nameplate of 700 W, excursions and all."""
RATIO = 1.02


def board(number, **more):
    return FakeDevice(gpu_info(f"GPU-{number}", index=number, **more), draw=650.0)


def allowed(devices):
    return sum(device.limit for device in devices) * RATIO + REST


def release(sequence, reserved):
    asked = budget(sequence, 1600, base=1000, release=True)
    return frequencies(msgspec.structs.replace(asked, reserved_watts=reserved))


@pytest.fixture
def devices():
    return [board(n) for n in range(3)]


async def held(devices, state_dir, seconds=3):
    """An agent that held these devices to 1,600 W, and is gone."""
    agent = Agent(devices, state_dir)
    agent.see(frequencies(budget(1, 1600, base=1000)), domain())
    await agent.turns(seconds)
    agent.kill()


async def test_a_release_that_was_booked_for_fewer_boards_waits_says_so_and_goes_on_once_it_is_booked(
    devices, tmp_path
):
    await held(devices, tmp_path)
    limits = [device.limit for device in devices]
    devices.append(board(3))
    agent = Agent(devices, tmp_path)
    agent.see(release(2, 3 * CHARGED + REST), domain())
    snapshot = await agent.turns(4)
    assert snapshot.verdict.reason == "ReleaseNotBooked"
    assert snapshot.confirmed.sequence < 2
    assert snapshot.confirmed.nameplate_watts == 4 * CHARGED + REST, "by this the domain books the rest"
    assert allowed(devices) <= 1600, "the newcomer is held with the others meanwhile"
    assert all(now <= before for now, before in zip((d.limit for d in devices[:3]), limits, strict=True))
    agent.see(release(3, 4 * CHARGED + REST), domain())
    snapshot = await agent.turns(4)
    assert [device.limit for device in devices] == [700.0] * 4
    assert (snapshot.confirmed.sequence, snapshot.verdict.course.value) == (3, "Release")
    assert not agent.store.originals
    agent.kill()


async def test_a_release_that_is_done_stays_done_and_tells_the_larger_nameplate(devices, tmp_path):
    await held(devices, tmp_path)
    agent = Agent(devices, tmp_path)
    agent.see(release(2, 3 * CHARGED + REST), domain())
    await agent.turns(3)
    agent.kill()
    devices.append(board(3))
    again = Agent(devices, tmp_path)
    again.see(release(2, 3 * CHARGED + REST), domain())
    snapshot = await again.turns(3)
    assert [device.limit for device in devices] == [700.0] * 4
    confirmed = snapshot.confirmed
    assert confirmed.enforced_budget_watts == confirmed.nameplate_watts == 4 * CHARGED + REST
    again.kill()


async def test_a_raise_waits_until_the_newcomer_is_held_and_never_hides_what_it_may_draw(devices, tmp_path):
    await held(devices, tmp_path)
    before = [device.limit for device in devices]
    devices.append(board(3))
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(2, 2300, base=1000)), domain())
    told = []
    for _ in range(40):
        truth = allowed(devices)
        snapshot = await agent.turn()
        told.append(snapshot.confirmed.enforced_budget_watts)
        assert told[-1] >= truth
        if told[-1] > 2300:
            assert [d.limit for d in devices[:3]] <= before, "no watt for others while it may draw in full"
    assert told[0] > 2300, "a fact is told, over the grant or not"
    assert told[-1] <= 2300
    assert allowed(devices) <= 2300
    assert all(now > then for now, then in zip((d.limit for d in devices[:3]), before, strict=True))
    assert snapshot.confirmed.sequence == 2
    agent.kill()


async def test_a_limit_above_the_nameplate_that_was_known_counts_in_full(devices, tmp_path):
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1700, base=1000)), domain())
    await agent.turns(3)
    # The driver was loaded anew, and lets the board draw more than the one before did.
    devices[0].limit = 1000.0
    for _ in range(30):
        snapshot = await agent.turn()
    assert devices[0].limit == 1000.0, "nobody wrote that but, for all that is known, a stranger"
    assert snapshot.standing.charged_watts >= allowed(devices)
    assert allowed(devices) <= 1700, "the others make room"
    status = build_status(snapshot, [], agent.clock.now())
    assert status.gpus[0].reason.startswith("ForeignLimit")
    agent.kill()


@pytest.mark.parametrize(("seen", "charged"), [(400, 714), (700, 714), (1000, 1020)])
def test_what_is_not_held_counts_at_the_larger_of_nameplate_and_limit(seen, charged):
    device = GuardDevice("GPU-0", 200, 700, 0.02, limit_watts=seen, exposure_watts=seen, writable=False)
    assert device.charged_watts == charged
