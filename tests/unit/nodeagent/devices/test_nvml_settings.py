"""What is written to a board, in which order, and what is read back of it."""

import pytest

from nodeagent.devices import nvml
from nodeagent.devices.errors import DeviceError, DeviceLostError, NotSupportedError, OutOfRangeError
from nodeagent.devices.tuning import MEMORY_CLOCK, UNSET
from tests.fakes.nvml.machine import Fault


def test_a_limit_is_taken_in_milliwatts_and_read_back(boards, devices):
    devices[0].write_power_limit(433)
    assert boards.gpus[0].requested_limit_mw == 433_000
    reading = devices[0].read()
    assert (reading.limit_watts, reading.requested_watts) == (433.0, 433.0)
    assert boards.gpus[1].requested_limit_mw == 700_000


@pytest.mark.parametrize(
    "write",
    [
        lambda d: d.write_power_limit(400),
        lambda d: d.write_clock_limit(1200),
        lambda d: d.write_tuning(MEMORY_CLOCK, "2619"),
    ],
    ids=["watts", "clock", "memory clock"],
)
def test_persistence_mode_is_on_before_anything_is_written(boards, devices, write):
    write(devices[0])
    assert boards.gpus[0].persistence == 1
    assert boards.gpus[0].setter_calls == 2
    write(devices[0])
    assert boards.gpus[0].setter_calls == 3


def test_a_read_writes_nothing(boards, devices):
    devices[0].read()
    devices[0].read_details()
    devices[0].read_settings()
    assert boards.gpus[0].setter_calls == 0


@pytest.mark.parametrize("watts", [199, 701, 0], ids=["under the floor", "over nameplate", "nothing"])
def test_a_limit_outside_of_the_range_is_refused_with_the_range(devices, watts):
    with pytest.raises(OutOfRangeError, match="200 to 700 W"):
        devices[0].write_power_limit(watts)
    assert devices[0].read().limit_watts == 700.0


def test_a_range_that_became_smaller_is_the_one_that_holds(boards, devices):
    boards.gpus[0].max_limit_mw = 500_000
    with pytest.raises(OutOfRangeError, match="200 to 500 W"):
        devices[0].write_power_limit(600)


def test_a_clock_lock_is_a_ceiling_and_can_be_let_go(boards, devices):
    devices[0].write_clock_limit(1200)
    assert (boards.gpus[0].clock_lock_mhz, devices[0].read().clock_limit_mhz) == (1200, 1200)
    devices[0].write_clock_limit(None)
    assert (boards.gpus[0].clock_lock_mhz, devices[0].read().clock_limit_mhz) == (0, None)


def test_a_lock_of_an_earlier_process_is_not_known(boards, devices):
    devices[0].write_clock_limit(1200)
    assert devices[0].read().clock_limit_known
    later = nvml.discover().devices[0]
    assert (later.read().clock_limit_mhz, later.read().clock_limit_known) == (None, False)
    later.write_clock_limit(None)
    assert later.read().clock_limit_known
    assert boards.gpus[0].clock_lock_mhz == 0


def test_a_clock_outside_of_the_range_is_refused(devices):
    with pytest.raises(OutOfRangeError):
        devices[0].write_clock_limit(5000)
    assert devices[0].read().clock_limit_mhz is None


def test_the_memory_clock_can_be_locked_and_let_go(boards, devices):
    devices[0].write_tuning(MEMORY_CLOCK, "2619")
    assert boards.gpus[0].memory_clock_lock_mhz == 2619
    devices[0].write_tuning(MEMORY_CLOCK, UNSET)
    assert boards.gpus[0].memory_clock_lock_mhz == 0


def test_a_limit_that_somebody_else_set_lower_shows_as_enforced(boards, devices):
    devices[0].write_power_limit(500)
    boards.gpus[0].foreign_limit_mw = 350_000
    reading = devices[0].read()
    assert (reading.requested_watts, reading.limit_watts) == (500.0, 350.0)


def test_a_board_that_became_another_one_is_not_written(boards, devices):
    boards.gpus[0].uuid = b"GPU-another"
    with pytest.raises(DeviceLostError, match="GPU-another"):
        devices[0].write_power_limit(400)
    assert boards.gpus[0].setter_calls == 0


def test_settings_go_back_as_they_were_found(boards, devices):
    boards.gpus[0].requested_limit_mw = 612_500
    found = dict(devices[0].read_settings())
    devices[0].write_power_limit(300)
    devices[0].write_clock_limit(900)
    devices[0].restore_settings(found, clock_written=True)
    board = boards.gpus[0]
    assert (board.requested_limit_mw, board.persistence, board.clock_lock_mhz) == (612_500, 0, 0)
    assert devices[0].read_settings() == found


def test_settings_found_by_one_process_are_put_back_by_the_next(boards, devices):
    found = dict(devices[0].read_settings())
    devices[0].write_clock_limit(900)
    nvml.discover().devices[0].restore_settings(found, clock_written=True)
    assert (boards.gpus[0].clock_lock_mhz, boards.gpus[0].persistence) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.NOT_SUPPORTED, NotSupportedError), (Fault.IGNORES, DeviceError)],
    ids=["refused", "ignored"],
)
def test_what_was_not_put_back_is_not_called_restored(boards, devices, fault, error):
    found = dict(devices[0].read_settings())
    devices[0].write_power_limit(400)
    with boards.gpus[0].failing(fault), pytest.raises(error):
        devices[0].restore_settings(found, clock_written=True)
    devices[0].restore_settings(found, clock_written=True)
    assert boards.gpus[0].requested_limit_mw == 700_000


def test_readings_carry_the_settings_that_are_to_be_saved(boards, devices):
    found = devices[0].read().settings
    assert found == {"power_limit_milliwatts": "700000", "persistence_mode": "0"}
    devices[0].write_power_limit(400)
    devices[0].restore_settings(found, clock_written=True)
    assert devices[0].read().settings == found


def test_what_else_a_board_takes_is_listed_and_anything_else_is_refused(boards, devices):
    assert devices[0].tunings() == {MEMORY_CLOCK: (UNSET, "2619")}
    with pytest.raises(OutOfRangeError, match="2619"):
        devices[0].write_tuning(MEMORY_CLOCK, "1")
    with pytest.raises(NotSupportedError):
        devices[0].write_tuning("colour", "red")
    assert boards.gpus[0].setter_calls == 0


def test_a_memory_clock_of_ours_goes_back_with_the_other_settings(boards, devices):
    found = dict(devices[0].read_settings())
    devices[0].write_tuning(MEMORY_CLOCK, "2619")
    devices[0].restore_settings(found, clock_written=True)
    assert boards.gpus[0].memory_clock_lock_mhz == 0
