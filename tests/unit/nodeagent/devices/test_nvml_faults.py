"""Each thing that goes wrong with a board has a reason of its own, and is over when it is over."""

import asyncio

import pytest

from nodeagent.devices.errors import (
    DeviceError,
    DeviceLostError,
    DeviceUnreachableError,
    NoPermissionError,
    NotSupportedError,
)
from nodeagent.devices.nvml_library import DriverReloadedError
from nodeagent.devices.tuning import MEMORY_CLOCK
from nodeagent.devices.worker import DeviceWorker
from tests.fakes.nvml.machine import Fault

SETTERS = {
    "watts": lambda device: device.write_power_limit(400),
    "clock": lambda device: device.write_clock_limit(1200),
    "memory clock": lambda device: device.write_tuning(MEMORY_CLOCK, "2619"),
}


@pytest.mark.parametrize("write", SETTERS.values(), ids=SETTERS.keys())
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.NO_PERMISSION, NoPermissionError),
        (Fault.NOT_SUPPORTED, NotSupportedError),
        (Fault.LOST, DeviceLostError),
    ],
    ids=["no permission", "not supported", "lost"],
)
def test_a_refused_write_says_what_would_help(boards, devices, fault, error, write):
    with boards.gpus[0].failing(fault), pytest.raises(error):
        write(devices[0])
    write(devices[0])


def test_letting_go_of_a_lock_that_may_not_be_written_says_so(boards, devices):
    devices[0].write_power_limit(400)
    with boards.gpus[0].failing(Fault.NO_PERMISSION), pytest.raises(NoPermissionError):
        devices[0].write_clock_limit(None)


def test_a_board_without_clock_locks_has_none_to_let_go_of(boards, devices):
    devices[0].write_power_limit(400)
    with boards.gpus[0].failing(Fault.NOT_SUPPORTED):
        devices[0].write_clock_limit(None)
    assert devices[0].read().clock_limit_known


def test_reading_needs_no_permission(boards, devices):
    with boards.gpus[0].failing(Fault.NO_PERMISSION | Fault.NOT_SUPPORTED):
        assert devices[0].read().limit_watts == 700.0


def test_a_lost_board_fails_alone(boards, devices):
    boards.gpus[0].faults = Fault.LOST
    with pytest.raises(DeviceLostError, match="bus"):
        devices[0].read()
    assert devices[1].read().limit_watts == 700.0


def test_a_limit_that_is_ignored_shows_when_it_is_read_back(boards, devices):
    boards.gpus[0].faults = Fault.IGNORES
    devices[0].write_power_limit(400)
    assert devices[0].read().limit_watts == 700.0


def test_after_a_reload_of_the_driver_every_board_says_once_that_settings_are_gone(boards, devices):
    for device in devices:
        device.write_power_limit(400)
        device.write_clock_limit(1200)
    boards.load_driver()
    for device in devices:
        with pytest.raises(DriverReloadedError, match="gone"):
            device.read()
        reading = device.read()
        assert (reading.limit_watts, reading.clock_limit_mhz) == (700.0, None)
    devices[0].write_power_limit(400)
    assert (boards.gpus[0].requested_limit_mw, boards.gpus[0].persistence) == (400_000, 1)


def test_a_write_that_meets_a_reloaded_driver_is_not_made_blindly(boards, devices):
    boards.load_driver()
    with pytest.raises(DriverReloadedError):
        devices[0].write_power_limit(400)
    assert boards.gpus[0].setter_calls == 0


def test_boards_come_back_with_their_driver(boards, devices):
    boards.unload_driver()
    for _ in range(2):
        with pytest.raises(DeviceUnreachableError, match="not loaded"):
            devices[0].read()
    boards.load_driver()
    with pytest.raises(DriverReloadedError):
        devices[0].read()
    assert devices[0].read().limit_watts == 700.0


def test_a_board_that_did_not_come_back_with_its_driver_is_lost(boards, devices):
    boards.gpus[0].uuid = b"GPU-another"
    boards.load_driver()
    with pytest.raises(DeviceLostError):
        devices[0].read()
    with pytest.raises(DeviceError):
        devices[0].read()
    with pytest.raises(DriverReloadedError):
        devices[1].read()


async def test_a_call_that_hangs_delays_no_other_board(boards, devices):
    workers = [DeviceWorker(device.info.id) for device in devices[:2]]
    with boards.gpus[0].failing(Fault.HANG):
        hanging = workers[0].submit(devices[0].read)
        assert (await workers[1].submit(devices[1].read)).limit_watts == 700.0
        assert workers[0].busy
    assert (await asyncio.wait_for(hanging, 10)).limit_watts == 700.0
    for worker in workers:
        worker.close()


async def test_boards_can_be_asked_all_at_once(boards, devices):
    workers = [DeviceWorker(device.info.id) for device in devices]
    for _ in range(20):
        await asyncio.gather(*(w.submit(d.read) for w, d in zip(workers, devices, strict=True)))
    for worker in workers:
        worker.close()
    assert [device.read().limit_watts for device in devices] == [700.0] * 8
