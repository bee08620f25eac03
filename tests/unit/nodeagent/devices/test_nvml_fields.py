"""The fields of a board in one call: the values that ``pynvml`` would give, and no word where one fails."""

import pynvml
import pytest

from nodeagent.devices.nvml_fields import FieldReader
from nodeagent.devices.nvml_library import NvmlLibrary
from tests.fakes.nvml.machine import Fault

FIELDS = (
    ("NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "Q"),
    ("NVML_FI_DEV_POWER_INSTANT", "I"),
    ("NVML_FI_DEV_POWER_REQUESTED_LIMIT", "I"),
)


@pytest.fixture
def handles(boards):
    pynvml.nvmlInit()
    return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(8)]


def ordinary(handle):
    ids = [getattr(pynvml, name) for name, _ in FIELDS]
    energy, draw, limit = pynvml.nvmlDeviceGetFieldValues(handle, ids)
    return energy.value.ullVal, draw.value.uiVal, limit.value.uiVal


def test_values_are_those_of_the_ordinary_way_each_time_anew(boards, handles):
    reader = FieldReader(NvmlLibrary(), FIELDS)
    for number, gpu in enumerate(boards.gpus):
        gpu.load, gpu.energy_mj = number / 8, 2**32 + 10**9 * number
    for _ in range(3):
        boards.advance(1.0)
        for handle in handles:
            assert reader.read(handle) == ordinary(handle)
    assert reader.read(handles[7])[0] > 2**32 + 7 * 10**9


def test_two_readers_do_not_disturb_each_other(boards, handles):
    one, other = FieldReader(NvmlLibrary(), FIELDS), FieldReader(NvmlLibrary(), FIELDS[:1])
    seen = one.read(handles[0])
    boards.gpus[1].energy_mj += 10**6
    assert other.read(handles[1]) == (ordinary(handles[1])[0],)
    assert one.read(handles[0]) == seen


def test_a_board_that_is_lost_and_a_driver_that_went_give_no_values(boards, handles):
    reader = FieldReader(NvmlLibrary(), FIELDS)
    with boards.gpus[0].failing(Fault.LOST):
        assert reader.read(handles[0]) is None
    assert reader.read(handles[0]) is not None
    boards.unload_driver()
    assert reader.read(handles[0]) is None


def test_a_library_without_the_function_gives_no_values(boards, handles, monkeypatch):
    monkeypatch.setattr(NvmlLibrary, "raw", lambda _self, _function: None)
    assert FieldReader(NvmlLibrary(), FIELDS).read(handles[0]) is None
