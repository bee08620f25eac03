"""The calls of a driver, and every fault that they can meet."""

from __future__ import annotations

import pytest

from common.twin.driver import NodeDriver
from common.twin.errors import (
    CallTimeoutError,
    DeviceLostError,
    NoPermissionError,
    NotSupportedError,
    OutOfRangeError,
    TwinError,
)
from common.twin.gpu_model import Load
from common.twin.messages import FAULT_HANG, FAULTS
from common.twin.node import NodeModel, SimulatedNode


@pytest.fixture
def driver() -> NodeDriver:
    return NodeDriver(SimulatedNode("node-1", NodeModel(gpu_count=2)))


@pytest.fixture
def gpu(driver: NodeDriver) -> str:
    return driver.discover().gpus[0].uuid


def run(driver: NodeDriver, seconds: float) -> None:
    for _ in range(round(seconds / 0.02)):
        driver.step(0.02)


def test_discovery_names_every_device_with_its_ranges(driver: NodeDriver) -> None:
    inventory = driver.discover()
    assert [gpu.index for gpu in inventory.gpus] == [0, 1]
    assert [package.device for package in inventory.packages] == ["package-0", "package-1"]
    assert inventory.gpus[0].min_limit_watts == 200.0
    assert inventory.packages[0].energy_range_millijoules == 262_143_328
    assert inventory.boot_id == driver.read_node().boot_id


def test_settings_read_back(driver: NodeDriver, gpu: str) -> None:
    driver.set_power_limit(gpu, 350)
    driver.set_clock_lock(gpu, 1410)
    seen = driver.read(gpu)
    assert (seen.requested_limit_watts, seen.enforced_limit_watts, seen.clock_lock_mhz) == (
        350.0,
        350.0,
        1410,
    )
    driver.reset(gpu)
    assert driver.read(gpu).requested_limit_watts == 700.0


@pytest.mark.parametrize(
    ("kind", "on_read", "on_write"),
    [
        ("hang", CallTimeoutError, CallTimeoutError),
        ("lost", DeviceLostError, DeviceLostError),
        ("no_permission", None, NoPermissionError),
        ("not_supported", None, NotSupportedError),
    ],
)
def test_faults_that_fail_calls(
    driver: NodeDriver, gpu: str, kind: str, on_read: type[TwinError] | None, on_write: type[TwinError]
) -> None:
    driver.inject_fault(gpu, kind)
    if on_read is None:
        driver.read(gpu)
    else:
        with pytest.raises(on_read):
            driver.read(gpu)
    for write in (
        lambda: driver.set_power_limit(gpu, 300),
        lambda: driver.set_clock_lock(gpu, 900),
        lambda: driver.reset(gpu),
    ):
        with pytest.raises(on_write):
            write()
    other = driver.discover().gpus[1].uuid
    driver.set_power_limit(other, 300)
    assert driver.read(other).requested_limit_watts == 300.0
    assert [difference.device for difference in driver.differences()] == [other]


def test_ignored_writes_are_answered_and_change_nothing(driver: NodeDriver, gpu: str) -> None:
    driver.inject_fault(gpu, "ignored_writes")
    driver.set_power_limit(gpu, 300)
    assert driver.read(gpu).requested_limit_watts == 700.0


def test_a_frozen_reading_repeats_itself(driver: NodeDriver, gpu: str) -> None:
    first = driver.read(gpu)
    driver.inject_fault(gpu, "frozen_reading")
    run(driver, 1.0)
    assert driver.read(gpu) == first
    driver.faults.clear()
    assert driver.read(gpu).energy_millijoules > first.energy_millijoules


def test_an_unenforced_limit_reads_back_and_does_not_hold(driver: NodeDriver, gpu: str) -> None:
    driver.inject_fault(gpu, "unenforced_limit")
    driver.node.gpus[0].load = Load(1.0, 0.0)
    driver.set_power_limit(gpu, 300)
    run(driver, 2.0)
    assert driver.read(gpu).enforced_limit_watts == 300.0
    assert driver.truth().gpu_watts[gpu] > 650.0
    driver.faults.clear(gpu)
    run(driver, 1.0)
    assert driver.truth().gpu_watts[gpu] <= 300.0


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_ends_by_itself(driver: NodeDriver, gpu: str, kind: str) -> None:
    driver.inject_fault(gpu, kind, 0.5)
    run(driver, 0.6)
    driver.set_power_limit(gpu, 300)
    assert driver.read(gpu).requested_limit_watts == 300.0


def test_clearing_one_device_leaves_the_others_broken(driver: NodeDriver, gpu: str) -> None:
    driver.inject_fault(gpu, FAULT_HANG)
    driver.inject_fault("package-0", FAULT_HANG)
    driver.faults.clear(gpu)
    assert (driver.hangs(gpu), driver.hangs("package-0")) == (False, True)


def test_what_does_not_exist_is_named(driver: NodeDriver, gpu: str) -> None:
    with pytest.raises(DeviceLostError, match="package-9"):
        driver.read("package-9")
    with pytest.raises(ValueError, match="melted"):
        driver.inject_fault(gpu, "melted")
    with pytest.raises(OutOfRangeError):
        driver.set_power_limit(gpu, 20)


def test_differences_name_setting_and_both_values(driver: NodeDriver, gpu: str) -> None:
    assert driver.differences() == []
    driver.set_power_limit(gpu, 400)
    driver.set_clock_lock("package-1", 2000)
    found = {(d.device, d.setting): (d.original, d.current) for d in driver.differences()}
    assert found == {
        (gpu, "requested_limit_watts"): (700.0, 400.0),
        ("package-1", "clock_lock_mhz"): (None, 2000),
    }
