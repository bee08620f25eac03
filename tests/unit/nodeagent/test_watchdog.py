"""The watchdog lowers what a dead or hanging agent left behind, and never raises."""

import pytest

from nodeagent.commands import restore
from nodeagent.devices.device import Awaited, DeviceSet
from nodeagent.devices.errors import DeviceUnreachableError
from nodeagent.devices.nvml_unreadable import UnreadableBoard
from nodeagent.state.files import DirectoryLock, StateLockedError
from nodeagent.state.pulse import PulseFile, boot_seconds
from nodeagent.watchdog.process import Watchdog
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent

BASE = 900


@pytest.fixture
def devices():
    found = [FakeDevice(gpu_info(f"GPU-{n}", index=n), limit=690.0, draw=600.0) for n in range(3)]
    yield found
    for device in found:
        device.released.set()


class Bench:
    """A node whose agent ran for a while; time of the watchdog moves by hand."""

    def __init__(self, devices, folder):
        self.devices = devices
        self.folder = folder
        self.seconds = boot_seconds()
        self.watchdog = Watchdog(
            folder,
            lambda: DeviceSet(devices=list(devices), rest_bound_watts=REST),
            deadline_seconds=0.2,
            silence_seconds=10.0,
            clock=lambda: self.seconds,
        )

    async def grant(self, watts=1600):
        agent = Agent(self.devices, self.folder)
        agent.see(frequencies(budget(1, watts, base=BASE)), domain())
        snapshot = await agent.turns(3)
        self.beat(snapshot.verdict.lease_left_seconds)
        return agent

    def beat(self, lease_left_seconds):
        pulse = PulseFile(self.folder)
        pulse.beat(lease_left_seconds)
        pulse.close()

    @property
    def true_watts(self):
        return sum(device.limit for device in self.devices) * 1.02 + REST


@pytest.fixture
def bench(devices, tmp_path):
    return Bench(devices, tmp_path)


@pytest.mark.parametrize("hangs", [False, True], ids=["killed", "stopped"])
async def test_silent_and_lease_over_goes_to_base(bench, hangs):
    agent = await bench.grant()
    if not hangs:
        agent.kill()
    before = bench.true_watts
    for seconds in (0, 9, 300, 280):
        bench.seconds += seconds
        assert bench.watchdog.look() is None
        assert bench.true_watts == before > BASE
    bench.seconds += 20
    assert bench.watchdog.look().charged_watts <= BASE
    assert bench.true_watts <= BASE
    agent.kill()


async def test_never_while_the_agent_beats(bench):
    agent = await bench.grant()
    before = bench.true_watts
    for _ in range(100):
        bench.seconds = boot_seconds()
        bench.beat(0.0)
        assert bench.watchdog.look() is None
    assert bench.true_watts == before
    agent.kill()


async def test_limits_are_never_raised(bench):
    (await bench.grant()).kill()
    for device, limit in zip(bench.devices, (690.0, 200.0, 210.0), strict=True):
        device.limit = limit
    bench.seconds += 700
    bench.watchdog.look()
    assert [device.limit for device in bench.devices][1:] == [200.0, 210.0]
    assert bench.true_watts <= BASE


@pytest.mark.parametrize("fault", ["hang", "lost", "refuse"])
async def test_a_device_that_fails_leaves_less_to_the_others(bench, fault):
    (await bench.grant()).kill()
    bench.devices[1].fault = fault
    bench.seconds += 700
    lowered = bench.watchdog.look()
    assert "GPU-1" in lowered.failures
    assert bench.devices[0].limit < 400
    assert bench.devices[2].limit < 400
    bench.devices[1].fault = ""
    bench.devices[1].released.set()
    for _ in range(20):
        if bench.true_watts <= BASE:
            return
        bench.watchdog.look()
    pytest.fail("the device that came back was not lowered")


async def test_a_device_that_the_agent_does_not_hold_is_not_written(bench):
    (await bench.grant()).kill()
    stranger = FakeDevice(gpu_info("GPU-9"), limit=500.0)
    bench.devices.append(stranger)
    bench.seconds += 700
    bench.watchdog.look()
    assert stranger.limit == 500.0
    assert [device.limit for device in bench.devices[:3]] == [200.0] * 3


async def test_nothing_is_lowered_after_a_release(bench):
    agent = await bench.grant()
    agent.see(frequencies(budget(2, 3000, base=BASE, release=True)), domain())
    await agent.turns(3)
    agent.kill()
    bench.seconds += 7000
    assert bench.watchdog.look() is None
    assert [device.limit for device in bench.devices] == [690.0] * 3


async def test_the_next_agent_adopts_what_the_watchdog_set_and_can_give_everything_back(bench, tmp_path):
    agent = await bench.grant()
    agent.kill()
    bench.seconds += 700
    bench.watchdog.look()
    again = Agent(bench.devices, tmp_path, clock=agent.clock)
    for _ in range(10):
        await again.turn()
        assert bench.true_watts <= BASE
    again.see(frequencies(budget(1, 1600, base=BASE)), domain())
    snapshot = await again.turns(5)
    assert snapshot.confirmed.sequence == 1
    assert BASE < bench.true_watts <= 1600
    assert not any(view.fault for view in snapshot.devices)
    assert restore(bench.devices, again.store) == {}
    assert [device.limit for device in bench.devices] == [690.0] * 3
    again.kill()


async def test_an_agent_that_comes_back_in_the_middle_has_the_last_word(bench):
    (await bench.grant()).kill()
    bench.seconds += 700
    write = FakeDevice.write_power_limit

    def beat_and_write(device, watts):
        bench.seconds = boot_seconds()
        bench.beat(600.0)
        write(device, watts)

    bench.devices[0].write_power_limit = lambda watts: beat_and_write(bench.devices[0], watts)
    bench.watchdog.look()
    assert bench.watchdog.look() is None


def is_locked(folder):
    try:
        DirectoryLock(folder).release()
    except StateLockedError:
        return True
    return False


async def test_the_lock_is_held_only_while_it_acts(bench):
    (await bench.grant()).kill()
    bench.seconds += 700
    write, locked = FakeDevice.write_power_limit, []

    def look_and_write(watts):
        locked.append(is_locked(bench.folder))
        write(bench.devices[0], watts)

    bench.devices[0].write_power_limit = look_and_write
    bench.watchdog.look()
    assert locked == [True]
    assert not is_locked(bench.folder)


async def test_boards_whose_driver_hung_are_lowered_once_it_answers(bench):
    agent = await bench.grant()
    agent.kill()
    whole = bench.devices
    silent = [UnreadableBoard(n, 1400, DeviceUnreachableError("it hangs")) for n in range(2)]
    awaited = Awaited(frozenset(board.info.id for board in silent), "DriverSilent", "it hangs")
    sets = [DeviceSet([whole[0], *silent], REST, awaited=awaited), DeviceSet(list(whole), REST)]
    looks = []

    def find():
        looks.append(bench.seconds)
        if len(looks) == 2:
            raise DeviceUnreachableError("not loaded")
        return sets[len(looks) > 3]

    watchdog = Watchdog(
        bench.folder,
        find,
        deadline_seconds=0.2,
        silence_seconds=10.0,
        clock=lambda: bench.seconds,
    )
    bench.seconds += 600
    for _ in range(39):
        bench.seconds += 1
        lowered = watchdog.look()
    assert [look - looks[0] for look in looks] == [0, 10, 20, 30]
    assert lowered.charged_watts <= BASE
    assert bench.true_watts <= BASE
