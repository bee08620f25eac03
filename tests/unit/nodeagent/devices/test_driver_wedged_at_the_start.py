"""A driver that hangs before it has named a board: the node goes on without it, and adopts it later."""

import time
from dataclasses import replace

import pytest

from nodeagent.devices import nvml, nvml_start, registry
from nodeagent.devices.nvml_start import DriverSilentError, NvmlStart
from tests.fakes.nvml.machine import Fault, Hang

WHERE = {"opening the library": Hang.INIT, "counting boards": Hang.COUNT}
PLACES = [f"gpu-{n}" for n in range(8)]


@pytest.fixture
def start():
    return NvmlStart()


@pytest.fixture
def node(boards, sysfs, start, monkeypatch):
    """A node of eight boards, as its PCI bus says, and two packages."""
    monkeypatch.setattr(nvml_start, "PROCESS_START", start)
    for number in range(8):
        sysfs.pci(number)
    for number in range(2):
        sysfs.package(number)
    return registry.DriverSettings("n", sysfs.root / "none", 0.3, sysfs.root)


@pytest.fixture
def hasty(node):
    """The same, with little patience."""
    return replace(node, start_seconds=0.1)


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
def test_a_library_that_does_not_answer_is_given_up_at_its_deadline_with_a_remedy(boards, start, where):
    began = time.monotonic()
    with boards.hanging(where), pytest.raises(DriverSilentError, match=r"reset the GPUs .* or reboot"):
        nvml.discover(nvml.Patience(start_seconds=0.1), start=start)
    assert time.monotonic() - began < 5.0


def test_asking_again_for_a_library_that_hangs_takes_neither_time_nor_another_thread(boards, start):
    patience = nvml.Patience(start_seconds=0.1)
    with boards.hanging(Hang.INIT):
        for _ in range(2):
            with pytest.raises(DriverSilentError):
                nvml.discover(patience, start=start)
        began = time.monotonic()
        for _ in range(50):
            with pytest.raises(DriverSilentError):
                nvml.discover(patience, start=start)
        assert time.monotonic() - began < 2.0, "the deadline counts from when the call began"
    assert len(nvml.discover(nvml.Patience(start_seconds=5.0), start=start).devices) == 8


def test_a_library_that_is_merely_slow_is_heard_in_the_end(boards, start):
    with boards.hanging(Hang.INIT), pytest.raises(DriverSilentError):
        nvml.discover(nvml.Patience(start_seconds=0.05), start=start)
    until = time.monotonic() + 5.0
    found = None
    while found is None and time.monotonic() < until:
        try:
            found = nvml.discover(nvml.Patience(start_seconds=0.05), start=start)
        except DriverSilentError:
            time.sleep(0.01)
    assert found is not None
    assert found.awaited is None


def test_looking_again_opens_the_library_no_second_time(boards, start):
    first = nvml.discover(start=start).devices
    again = nvml.discover(start=start).devices
    boards.load_driver()
    reasons = []
    for device in (first[0], again[1]):
        try:
            device.read()
        except nvml_start.DriverReloadedError as error:
            reasons.append(error.reason)
    assert reasons == ["DriverReloaded"] * 2, "both went by the one library, and noticed"
    assert first[0].read().limit_watts == again[1].read().limit_watts == 700


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
def test_the_node_keeps_its_other_devices_and_counts_its_boards_at_the_highest_nameplate(
    boards, hasty, where
):
    with boards.hanging(where):
        found = registry.discover(("nvml", "cpu"), hasty)
    by_id = {device.info.id: device.info for device in found.devices}
    assert list(by_id) == [*PLACES, "package-0", "package-1"]
    assert {by_id[name].nameplate_watts for name in PLACES} == {1400}
    assert not any(by_id[name].limits_watts for name in PLACES)
    assert found.awaited.ids == set(PLACES)
    assert "8 GPUs count at 1,400 W each" in found.why_awaited
    assert found.answering == {"package-0", "package-1"}


def test_a_bus_that_cannot_be_seen_leaves_nothing_to_count(boards, node, tmp_path):
    blind = registry.DriverSettings("n", tmp_path / "none", 0.3, tmp_path, start_seconds=0.1)
    with boards.hanging(Hang.INIT), pytest.raises(DriverSilentError):
        registry.discover(("nvml",), blind)


def test_boards_of_a_driver_that_answers_again_are_found(boards, node, hasty):
    with boards.hanging(Hang.COUNT):
        known = registry.discover(("nvml", "cpu"), hasty)
        assert not registry.discover(("nvml", "cpu"), hasty).says_more_than(known)
    later = registry.discover(("nvml", "cpu"), node)
    assert later.says_more_than(known)
    assert later.awaited is None
    assert len(later.answering) == 10


def test_all_handles_that_hang_leave_their_places(boards, node):
    with boards.hanging(Hang.HANDLE):
        found = registry.discover(("nvml",), node)
    assert sorted(found.awaited.ids) == PLACES
    assert "gpu-3: DeadlineExceeded" in found.why_awaited


def test_one_board_that_hangs_is_looked_for_again_and_costs_no_thread_each_time(boards, node):
    with boards.gpus[3].failing(Fault.HANG):
        known = registry.discover(("nvml",), node)
        assert known.awaited.ids == {"gpu-3"}
        began = time.monotonic()
        for _ in range(20):
            assert not registry.discover(("nvml",), node).says_more_than(known)
        assert time.monotonic() - began < 4.0
    until = time.monotonic() + 5.0
    while not (found := registry.discover(("nvml",), node)).says_more_than(known):
        assert time.monotonic() < until
    assert found.awaited is None


def test_a_driver_that_was_loaded_anew_is_asked_again_for_more_boards_and_larger_ones(boards, node):
    boards.gpu_count = 2
    known = registry.discover(("nvml",), node)
    assert not known.outdated()
    boards.load_driver()
    with pytest.raises(nvml_start.DriverReloadedError):
        known.devices[0].read()
    assert known.outdated()
    same = registry.discover(("nvml",), node)
    assert not same.outdated()
    assert not same.says_more_than(known)
    boards.gpus[1].max_limit_mw = 1_000_000
    larger = registry.discover(("nvml",), node)
    assert larger.says_more_than(known)
    assert [device.info.nameplate_watts for device in larger.devices] == [700, 1000]
    boards.gpu_count = 3
    assert registry.discover(("nvml",), node).says_more_than(larger)
    boards.gpu_count = 1
    assert not registry.discover(("nvml",), node).says_more_than(known), "what has gone may draw all the same"
