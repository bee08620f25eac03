"""When more devices answer than at the start, the next agent of the same process takes over."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from nodeagent.devices.device import Awaited, DeviceSet
from nodeagent.devices.errors import DeviceUnreachableError
from nodeagent.finder import DeviceFinder
from nodeagent.lives import Lives
from tests.fakes.devices import FakeDevice, gpu_info

pytestmark = pytest.mark.looptime


def device_set(*names, awaited=()):
    devices = [FakeDevice(gpu_info(name)) for name in (*names, *awaited)]
    return DeviceSet(
        devices, 0, awaited=Awaited(frozenset(awaited), "DriverSilent", "it hangs") if awaited else None
    )


PARTLY = device_set("package-0", awaited=("gpu-0", "gpu-1"))
WHOLE = device_set("package-0", "GPU-a", "GPU-b")


def larger(name, found):
    """The same devices, one of which can be given more."""
    devices = [d if d.info.id != name else FakeDevice(gpu_info(name, nameplate=1000)) for d in found.devices]
    return DeviceSet(devices, 0)


class AtOnce:
    """A worker without a thread: a clock that jumps would not wait for one."""

    def submit(self, call):
        future = asyncio.get_running_loop().create_future()
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)
        return future


def finder_of(find):
    finder = DeviceFinder(find)
    finder._worker = AtOnce()
    return finder


class StubAgent:
    """Runs until cancelled."""

    def __init__(self, hardware, log):
        self.hardware, self.log = hardware, log
        self.fails = asyncio.Event()

    async def run(self):
        self.log.append(("begins", sorted(self.hardware.answering)))
        await self.fails.wait()
        raise RuntimeError("a bug")


class StubEnforcer:
    devices = ()

    def __init__(self, log):
        self.log = log

    def note_left(self):
        self.log.append("notes what is left")

    def close(self):
        self.log.append("ends")


def lives_on(first, answers):
    log, left = [], list(answers)

    def find():
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    def build(*, hardware):
        return StubAgent(hardware, log), SimpleNamespace(), StubEnforcer(log)

    lives = Lives(build, finder_of(find))
    lives.begin(first)
    return lives, log


async def test_the_next_agent_begins_when_the_one_before_has_ended():
    lives, log = lives_on(PARTLY, [PARTLY, DeviceUnreachableError("no driver"), PARTLY, WHOLE])
    running = asyncio.create_task(lives.run())
    await asyncio.sleep(120)
    assert log == [
        ("begins", ["package-0"]), "notes what is left", "ends", ("begins", ["GPU-a", "GPU-b", "package-0"]),
    ]  # fmt: skip
    assert lives.agent.hardware is WHOLE
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert log[-2:] == ["notes what is left", "ends"]


async def test_where_all_answered_nothing_is_looked_for_again():
    lives, log = lives_on(WHOLE, [AssertionError("nobody may look")])
    running = asyncio.create_task(lives.run())
    await asyncio.sleep(3600)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(log) == 3


async def test_devices_are_looked_for_once_after_a_driver_was_loaded_anew():
    reloads = iter([False, True])
    looked = []

    def find():
        looked.append(1)
        return WHOLE if len(looked) < 2 else larger("GPU-a", WHOLE)

    finder = finder_of(find)
    asked = asyncio.create_task(finder.more(replace(WHOLE, outdated=lambda: next(reloads))))
    await asyncio.sleep(60)
    assert len(looked) == 1, "nothing has changed, and that was not doubted since"
    asked.cancel()


async def test_an_agent_that_fails_ends_the_process_with_its_error():
    lives, _ = lives_on(PARTLY, [PARTLY])
    running = asyncio.create_task(lives.run())
    await asyncio.sleep(30)
    lives.agent.fails.set()
    with pytest.raises(RuntimeError, match="a bug"):
        await running


MORE = {
    "all of them": (WHOLE, PARTLY, True),
    "one of two": (device_set("package-0", "GPU-a", awaited=("gpu-1",)), PARTLY, True),
    "none": (PARTLY, PARTLY, False),
    "another, but one that did is lost": (device_set("GPU-a", awaited=("gpu-1",)), PARTLY, False),
    "nothing is awaited any more": (device_set("package-0"), PARTLY, True),
    "less than before": (PARTLY, WHOLE, False),
    "the same, all of it": (WHOLE, WHOLE, False),
    "another in the place of one that has gone": (device_set("package-0", "GPU-a", "GPU-c"), WHOLE, True),
    "one of a larger range": (larger("GPU-a", WHOLE), WHOLE, True),
}


@pytest.mark.parametrize(("found", "known", "more"), MORE.values(), ids=MORE)
async def test_what_is_more(found, known, more):
    assert found.says_more_than(known) is more
