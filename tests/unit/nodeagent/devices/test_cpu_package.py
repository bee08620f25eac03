"""Watts and clocks of a package as one device."""

import pytest

from nodeagent.devices.cpu import CpuSettings, discover
from nodeagent.devices.errors import NoPermissionError, NotSupportedError
from nodeagent.devices.restorable import RestorableDevice
from nodeagent.devices.tuning import ENERGY_PREFERENCE

RANGE_MICROJOULES = 262_143_328_850


class Time:
    """Seconds that pass when somebody waits."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def pause(self, seconds):
        self.now += seconds


def _found(tree, time=None):
    time = time or Time()
    return discover(CpuSettings(tree.root), time, time.pause).devices


@pytest.fixture
def server(sysfs):
    """Two packages of four cores each."""
    for number in range(2):
        sysfs.package(number)
    for cpu in range(8):
        sysfs.policy(cpu, package=cpu // 4)
    return sysfs


def test_watts_and_clocks_of_a_package_are_one_device(server):
    first, second = _found(server)
    assert (first.info.id, second.info.id) == ("package-0", "package-1")
    assert (first.info.floor_watts, first.info.nameplate_watts) == (88, 350)
    assert (first.info.minimum_clock_mhz, first.info.maximum_clock_mhz) == (800, 3800)
    assert first.info.limits_watts
    assert isinstance(first, RestorableDevice)


def test_settings_are_written_to_one_package_only(server):
    first, second = _found(server)
    first.write_power_limit(200)
    first.write_clock_limit(2400)
    assert (first.read().limit_watts, first.read().clock_limit_mhz) == (200.0, 2400)
    assert (second.read().limit_watts, second.read().clock_limit_mhz) == (350.0, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [(0, 500_000_000), (RANGE_MICROJOULES - 200_000_000, 300_000_000)],
    ids=["counting on", "starting again at zero"],
)
def test_draw_is_the_gain_of_the_counter_over_time(server, before, after):
    time = Time()
    counter = "class/powercap/intel-rapl:0/energy_uj"
    server.write(counter, before)
    first, _ = _found(server, time)
    first.read()
    server.write(counter, after)
    time.now += 2.0
    reading = first.read()
    assert reading.draw_watts == pytest.approx(250.0)
    assert reading.energy_millijoules == after // 1000
    assert first.info.energy_range_millijoules == RANGE_MICROJOULES // 1000


def test_two_looks_too_close_together_give_the_draw_of_before(server):
    time = Time()
    first, _ = _found(server, time)
    first.read()
    server.write("class/powercap/intel-rapl:0/energy_uj", 100_000_000)
    time.now += 1.0
    assert first.read().draw_watts == pytest.approx(100.0)
    server.write("class/powercap/intel-rapl:0/energy_uj", 100_001_000)
    time.now += 0.001
    assert first.read().draw_watts == pytest.approx(100.0)


def test_settings_go_back_as_they_were_found_core_by_core(server):
    server.write("devices/system/cpu/cpufreq/policy2/scaling_max_freq", 3_000_000)
    server.write("class/powercap/intel-rapl:0/enabled", 0)
    first, _ = _found(server)
    found = dict(first.read_settings())
    files = {path: server.read(path) for path in found}
    first.write_power_limit(150)
    first.write_clock_limit(1500)
    assert {path: server.read(path) for path in found} != files
    first.restore_settings(found, clock_written=True)
    assert {path: server.read(path) for path in found} == files


def test_nothing_but_its_own_settings_is_put_back(server):
    first, _ = _found(server)
    with pytest.raises(NotSupportedError, match=r"\.\./\.\./etc"):
        first.restore_settings({"../../etc/passwd": "x"})


def test_a_package_without_a_meter_counts_at_nameplate(sysfs):
    sysfs.policy(0)
    time = Time()
    (package,) = _found(sysfs, time)
    assert not package.info.limits_watts
    assert package.read().draw_watts == pytest.approx(500.0)
    package.write_clock_limit(2000)
    time.now += 1.0
    reading = package.read()
    assert (reading.limit_watts, reading.clock_limit_mhz) == (500.0, 2000)
    assert reading.draw_watts == pytest.approx(500.0)
    with pytest.raises(NotSupportedError):
        package.write_power_limit(200)


def test_a_package_without_cpufreq_still_limits_watts(sysfs):
    sysfs.package(0)
    (package,) = _found(sysfs)
    package.write_power_limit(200)
    assert (package.read().limit_watts, package.read().clock_limit_mhz) == (200.0, None)
    with pytest.raises(NotSupportedError, match="cpufreq"):
        package.write_clock_limit(2000)


def test_a_host_that_shows_neither_has_no_packages(sysfs):
    assert _found(sysfs) == []


def test_a_counter_that_may_not_be_read_fails_its_own_device_only(server):
    energy = server.root / "class/powercap/intel-rapl:0/energy_uj"
    first, second = _found(server)
    with server.read_only():
        assert second.read().limit_watts == 350.0
    energy.chmod(0o000)
    with server.unprivileged(), pytest.raises(NoPermissionError, match="energy_uj"):
        first.read()


def test_reading_writes_nothing(server):
    first, _ = _found(server)
    before = _contents(server)
    with server.read_only():
        first.read()
        first.read_settings()
    assert _contents(server) == before


def _contents(tree):
    return {path: path.read_bytes() for path in tree.root.rglob("*") if path.is_file()}


def test_the_energy_preference_is_listed_written_and_put_back_with_the_other_settings(sysfs):
    sysfs.package(0)
    sysfs.policy(0, package=0)
    device = discover(CpuSettings(sysfs.root), pause=lambda seconds: None).devices[0]
    assert "power" in device.tunings()[ENERGY_PREFERENCE]
    found = dict(device.read_settings())
    device.write_tuning(ENERGY_PREFERENCE, "power")
    path = "devices/system/cpu/cpufreq/policy0/energy_performance_preference"
    assert sysfs.read(path) == "power"
    device.restore_settings(found)
    assert sysfs.read(path) == "balance_performance"
    with pytest.raises(NotSupportedError):
        device.write_tuning("memory-clock-mhz", "2619")
