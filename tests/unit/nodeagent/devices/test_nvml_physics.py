"""Boards behave as the guard expects of real ones: late, within their limit, and metered."""

import pytest

from tests.fakes.nvml.machine import Fault


def _settle(boards, device, seconds=5.0):
    device.read()
    boards.advance(seconds)
    return device.read()


def test_draw_follows_the_load_with_a_lag(boards, devices):
    idle = _settle(boards, devices[0]).draw_watts
    boards.gpus[0].load = 1.0
    soon = _settle(boards, devices[0], 0.1).draw_watts
    late = _settle(boards, devices[0], 2.0).draw_watts
    assert idle == pytest.approx(70, abs=1)
    assert idle + 100 < soon < late - 100
    assert late == pytest.approx(700, abs=1)


def test_draw_and_clock_follow_the_limit_with_a_lag(boards, devices):
    boards.gpus[0].load = 1.0
    full = _settle(boards, devices[0])
    devices[0].write_power_limit(400)
    soon = _settle(boards, devices[0], 0.1)
    late = _settle(boards, devices[0], 2.0)
    assert full.draw_watts > soon.draw_watts > 450
    assert late.draw_watts == pytest.approx(400, abs=1)
    assert late.clock_mhz < full.clock_mhz == 1980


def test_a_clock_ceiling_lowers_the_draw_where_no_watt_limit_does(boards, devices):
    boards.gpus[0].load = 0.5
    before = _settle(boards, devices[0])
    devices[0].write_clock_limit(1200)
    after = _settle(boards, devices[0])
    assert after.clock_mhz == pytest.approx(1200, abs=1)
    assert after.draw_watts < before.draw_watts - 100


def test_energy_is_the_integral_of_the_draw(boards, devices):
    boards.gpus[0].load = 1.0
    before = _settle(boards, devices[0], 20.0).energy_millijoules
    after = _settle(boards, devices[0], 10.0).energy_millijoules
    assert (after - before) / 1000.0 == pytest.approx(7000, rel=1e-3)


def test_the_instant_draw_is_read_where_the_driver_has_it(boards, devices):
    boards.gpus[0].load = 1.0
    instant = _settle(boards, devices[0], 0.3).draw_watts
    boards.gpus[0].faults = Fault.OLD_FIELDS
    assert devices[0].read().draw_watts < instant - 50


def test_an_older_driver_still_tells_both_limits(boards, devices):
    devices[0].write_power_limit(500)
    boards.gpus[0].faults = Fault.OLD_FIELDS
    boards.gpus[0].foreign_limit_mw = 300_000
    reading = devices[0].read()
    assert (reading.requested_watts, reading.limit_watts) == (500.0, 300.0)


def test_details_say_why_a_board_is_slow(boards, devices):
    assert devices[0].read_details().throttle_reasons == ("GpuIdle",)
    boards.gpus[0].load = 1.0
    devices[0].write_power_limit(300)
    _settle(boards, devices[0])
    details = devices[0].read_details()
    assert details.throttle_reasons == ("SwPowerCap",)
    assert details.temperature_celsius == 48
    assert details.persistence_mode is True


def test_details_name_mig_and_workload_profiles_where_there_are_any(boards, devices):
    assert devices[0].read_details().profiles is None
    boards.gpus[0].mig_enabled = boards.gpus[0].has_profiles = 1
    details = devices[0].read_details()
    assert details.mig_enabled is True
    assert details.profiles.available == ("MAX_P", "LLM_INFERENCE")
    assert details.profiles.enforced == ("LLM_INFERENCE",)
