"""Boards are found by UUID, and what is missing is named."""

import ctypes
import os
import subprocess
import sys

import pynvml
import pytest

from nodeagent.devices import nvml
from nodeagent.devices.errors import DeviceLostError, DeviceUnreachableError
from tests.fakes.nvml import machine
from tests.fakes.nvml.machine import Fault


def test_every_board_is_found_with_its_ranges(devices):
    assert [device.info.index for device in devices] == list(range(8))
    info = devices[3].info
    assert info.id == "GPU-00000000-0000-0000-0000-000000000003"
    assert (info.floor_watts, info.nameplate_watts) == (200, 700)
    assert (info.minimum_clock_mhz, info.maximum_clock_mhz) == (345, 1980)


def test_a_range_in_milliwatts_is_rounded_inwards(boards):
    boards.gpus[0].min_limit_mw, boards.gpus[0].max_limit_mw = 100_500, 310_900
    info = nvml.discover().devices[0].info
    assert (info.floor_watts, info.nameplate_watts) == (101, 310)


def test_a_board_in_mig_mode_is_one_device(boards):
    boards.gpus[0].mig_enabled = 1
    assert len(nvml.discover().devices) == 8


def test_instances_of_a_divided_board_are_named_and_others_have_none(boards):
    boards.gpus[1].mig_enabled = 1
    named = [device.instance_uuids() for device in nvml.discover().devices]
    assert named[1] == (
        "MIG-00000000-0000-0000-0000-000000000001",
        "MIG-00000000-0000-0000-0002-000000000001",
    )
    assert named[0] == named[2] == ()


def test_a_lost_board_cannot_say_its_instances(boards, devices):
    with boards.gpus[1].failing(Fault.LOST), pytest.raises(DeviceLostError):
        devices[1].instance_uuids()


def test_a_lost_board_counts_at_the_nameplate_of_those_beside_it(boards):
    boards.gpus[2].faults = Fault.LOST
    devices = nvml.discover().devices
    lost = devices[2]
    assert [device.info.index for device in devices] == list(range(8))
    assert (lost.info.nameplate_watts, lost.info.limits_watts) == (700, False)
    for call in (lost.read, lambda: lost.write_power_limit(300), lambda: lost.write_clock_limit(None)):
        with pytest.raises(DeviceLostError, match="goes on looking for it"):
            call()


def test_boards_none_of_which_answers_count_at_the_highest_nameplate_there_is(boards):
    for board in boards.gpus:
        board.faults = Fault.LOST
    assert {device.info.nameplate_watts for device in nvml.discover().devices} == {1400}


def test_a_missing_python_module_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(DeviceUnreachableError, match=r"climatik\[nvidia\]"):
        nvml.discover()


def test_a_missing_library_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(pynvml, "nvmlLib", None)

    def not_there(name):
        raise OSError(name)

    monkeypatch.setattr(pynvml, "CDLL", not_there)
    with pytest.raises(DeviceUnreachableError, match="container runtime"):
        nvml.discover()


def test_a_driver_that_is_not_loaded_is_named(boards):
    boards.unload_driver()
    with pytest.raises(DeviceUnreachableError, match="driver is not loaded"):
        nvml.discover()


def test_the_agent_does_not_import_nvml_before_it_is_asked_for():
    code = "import sys, nodeagent.devices.nvml; print('pynvml' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "False"


def test_the_library_is_found_where_the_loader_looks(nvml_library, tmp_path):
    machine.create(tmp_path / "machine", gpus=2)
    code = "from nodeagent.devices import nvml; print([d.info.model for d in nvml.discover().devices])"
    paths = {"LD_LIBRARY_PATH": str(nvml_library.parent), "FAKE_NVML_MACHINE": str(tmp_path / "machine")}
    answer = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **paths}, check=True, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "['Imitated H100', 'Imitated H100']"


def test_both_sides_of_the_imitation_see_the_same_memory(boards, nvml_library):
    boards.gpus[7].default_limit_mw = 650_000
    boards.load_driver()
    assert nvml.discover().devices[7].read().limit_watts == 650.0
    assert boards.size_bytes == ctypes.sizeof(machine.Machine)
