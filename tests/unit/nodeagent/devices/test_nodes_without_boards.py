"""One DaemonSet runs on all nodes: without NVIDIA boards no driver is needed, with them it is awaited."""

import sys

import pytest

from nodeagent.devices.errors import DeviceUnreachableError
from nodeagent.devices.registry import DriverSettings, discover


def bus(sysfs, *devices):
    (sysfs.root / "bus" / "pci" / "devices").mkdir(parents=True)
    for number, (vendor, kind) in enumerate(devices):
        folder = sysfs.root / "bus" / "pci" / "devices" / f"0000:{number:02}:00.0"
        folder.mkdir()
        (folder / "vendor").write_text(f"{vendor}\n")
        (folder / "class").write_text(f"{kind}\n")
    return DriverSettings("n", sysfs.root / "none", 1.0, sysfs_root=sysfs.root)


@pytest.fixture(autouse=True)
def no_nvml(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)


@pytest.mark.parametrize(
    "devices", [(), (("0x1002", "0x030200"),), (("0x10de", "0x068000"),)], ids=["none", "AMD", "NVSwitch"]
)
def test_a_node_without_boards_has_no_gpus_and_its_other_devices(sysfs, devices):
    settings = bus(sysfs, *devices)
    sysfs.package(0)
    assert [device.info.id for device in discover(("nvml", "cpu"), settings).devices] == ["package-0"]


@pytest.mark.parametrize("kind", ["0x030200", "0x030000"], ids=["3D controller", "VGA"])
def test_boards_without_a_driver_are_waited_for(sysfs, kind):
    with pytest.raises(DeviceUnreachableError, match="pynvml"):
        discover(("nvml",), bus(sysfs, ("0x8086", "0x060000"), ("0x10de", kind)))


def test_a_bus_that_cannot_be_seen_proves_nothing(tmp_path):
    with pytest.raises(DeviceUnreachableError):
        discover(("nvml",), DriverSettings("n", tmp_path / "none", 1.0, sysfs_root=tmp_path))
