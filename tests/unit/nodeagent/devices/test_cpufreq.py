"""A ceiling holds for every core of a package, each within its own range."""

import pytest

from nodeagent.devices.cpufreq import find_policies
from nodeagent.devices.errors import DeviceError, NoPermissionError, NotSupportedError, OutOfRangeError
from nodeagent.devices.sysfs import Sysfs


def _policies(tree):
    return find_policies(Sysfs(tree.root))


def _ceilings(tree, paths):
    return [tree.read(f"{path}/scaling_max_freq") for path in paths]


def test_policies_belong_to_the_package_of_their_cores(sysfs):
    for cpu in range(12):
        sysfs.policy(cpu, package=cpu % 2)
    found = _policies(sysfs)
    assert sorted(found) == [0, 1]
    assert [path.rsplit("policy")[-1] for path in found[0].paths] == ["0", "2", "4", "6", "8", "10"]


def test_a_core_that_is_offline_is_left_out(sysfs):
    sysfs.policy(0)
    offline = sysfs.policy(1)
    sysfs.write(f"{offline}/affected_cpus", "")
    assert len(_policies(sysfs)[0].paths) == 1


def test_no_cpufreq_means_no_policies(sysfs):
    assert _policies(sysfs) == {}


def test_a_ceiling_is_written_to_every_core_and_let_go(sysfs):
    paths = [sysfs.policy(cpu) for cpu in range(4)]
    clocks = _policies(sysfs)[0]
    assert clocks.ceiling_mhz() is None
    clocks.write_ceiling(2400)
    assert _ceilings(sysfs, paths) == ["2400000"] * 4
    assert clocks.ceiling_mhz() == 2400
    clocks.write_ceiling(None)
    assert _ceilings(sysfs, paths) == ["3800000"] * 4
    assert clocks.ceiling_mhz() is None


def test_slow_cores_are_asked_for_no_more_than_they_have(sysfs):
    paths = [sysfs.policy(0), sysfs.policy(1, highest_khz=2_600_000)]
    clocks = _policies(sysfs)[0]
    assert (clocks.minimum_mhz, clocks.maximum_mhz) == (800, 3800)
    clocks.write_ceiling(3000)
    assert _ceilings(sysfs, paths) == ["3000000", "2600000"]
    assert clocks.ceiling_mhz() == 3000


def test_the_highest_clock_as_a_ceiling_reads_back_as_it_was_asked(sysfs):
    sysfs.policy(0)
    clocks = _policies(sysfs)[0]
    clocks.write_ceiling(3800)
    assert clocks.ceiling_mhz() == 3800


@pytest.mark.parametrize("mhz", [799, 3801, 0])
def test_a_ceiling_that_no_core_has_is_refused(sysfs, mhz):
    path = sysfs.policy(0)
    with pytest.raises(OutOfRangeError, match="800 to 3,800 MHz"):
        _policies(sysfs)[0].write_ceiling(mhz)
    assert _ceilings(sysfs, [path]) == ["3800000"]


def test_a_ceiling_that_was_there_before_is_seen(sysfs):
    path = sysfs.policy(0)
    sysfs.write(f"{path}/scaling_max_freq", 2_000_000)
    assert _policies(sysfs)[0].ceiling_mhz() == 2000


def test_one_core_that_refuses_does_not_spare_the_others(sysfs):
    paths = [sysfs.policy(cpu) for cpu in range(3)]
    clocks = _policies(sysfs)[0]
    sysfs.remove(f"{paths[1]}/scaling_max_freq")
    with pytest.raises(NotSupportedError, match="policy1"):
        clocks.write_ceiling(2000)
    assert _ceilings(sysfs, [paths[0], paths[2]]) == ["2000000"] * 2


def test_ceilings_that_may_not_be_written_say_so(sysfs):
    sysfs.policy(0)
    clocks = _policies(sysfs)[0]
    with sysfs.read_only(), pytest.raises(NoPermissionError):
        clocks.write_ceiling(2000)
    assert clocks.ceiling_mhz() is None


def test_the_preference_is_written_where_the_processor_has_it(sysfs):
    path = sysfs.policy(0)
    clocks = _policies(sysfs)[0]
    assert (clocks.governor(), clocks.energy_performance_preference()) == ("powersave", "balance_performance")
    clocks.write_energy_performance_preference("power")
    assert sysfs.read(f"{path}/energy_performance_preference") == "power"
    with pytest.raises(OutOfRangeError, match="balance_power"):
        clocks.write_energy_performance_preference("fast")


def test_a_processor_without_preferences_says_so(sysfs):
    sysfs.policy(0, preference=False)
    clocks = _policies(sysfs)[0]
    assert clocks.energy_performance_preference() is None
    with pytest.raises(NotSupportedError):
        clocks.write_energy_performance_preference("power")


def test_a_core_that_keeps_a_higher_ceiling_is_reported(sysfs, monkeypatch):
    sysfs.policy(0)
    clocks = _policies(sysfs)[0]
    monkeypatch.setattr(Sysfs, "write", lambda self, path, value: None)
    with pytest.raises(DeviceError, match="was read back"):
        clocks.write_ceiling(2000)
