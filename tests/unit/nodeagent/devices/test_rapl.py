"""A package has one meter and one limit, whatever zones overlap with it."""

import pytest

from nodeagent.devices.errors import NoPermissionError, NotSupportedError
from nodeagent.devices.rapl import find_packages
from nodeagent.devices.sysfs import Sysfs


def _packages(tree):
    return find_packages(Sysfs(tree.root))


def test_packages_are_found_and_their_parts_are_not(sysfs):
    sysfs.package(0)
    sysfs.package(1)
    sysfs.zone("intel-rapl:2", "psys")
    assert [(p.package_id, p.zone.name) for p in _packages(sysfs)] == [(0, "package-0"), (1, "package-1")]


def test_packages_keep_their_own_numbers(sysfs):
    sysfs.zone("intel-rapl:0", "package-1")
    sysfs.zone("intel-rapl:1", "package-0")
    assert [(p.package_id, p.zone.path[-1]) for p in _packages(sysfs)] == [(0, "1"), (1, "0")]


def test_dies_that_are_limited_apart_are_packages_of_their_own(sysfs):
    for number, name in enumerate(["package-0-die-0", "package-0-die-1", "package-1-die-0"]):
        sysfs.zone(f"intel-rapl:{number}", name)
    assert [p.package_id for p in _packages(sysfs)] == [0, 1, 2]


def test_no_powercap_means_no_packages(sysfs):
    assert _packages(sysfs) == []


def test_both_windows_are_limited(sysfs):
    zone = sysfs.package(0)
    _packages(sysfs)[0].zone.write_limit(180)
    assert sysfs.read(f"{zone}/constraint_0_power_limit_uw") == "180000000"
    assert sysfs.read(f"{zone}/constraint_1_power_limit_uw") == "180000000"


def test_constraints_are_found_by_name_not_by_place(sysfs):
    zone = sysfs.package(0)
    sysfs.write(f"{zone}/constraint_0_name", "peak_power")
    sysfs.write(f"{zone}/constraint_1_name", "long_term")
    _packages(sysfs)[0].zone.write_limit(180)
    assert sysfs.read(f"{zone}/constraint_0_power_limit_uw") == "350000000"
    assert _packages(sysfs)[0].enforced_watts() == 180.0


def test_a_limit_that_is_switched_off_is_none_until_it_is_written(sysfs):
    zone = sysfs.package(0)
    sysfs.write(f"{zone}/enabled", 0)
    package = _packages(sysfs)[0]
    assert package.enforced_watts() is None
    package.zone.write_limit(200)
    assert package.enforced_watts() == 200.0


def test_the_lowest_of_two_interfaces_to_one_package_holds(sysfs):
    sysfs.package(0)
    sysfs.package(0, prefix="intel-rapl-mmio", watts=120)
    (package,) = _packages(sysfs)
    assert package.zone.path == "class/powercap/intel-rapl:0"
    assert (package.zone.limit_watts(), package.enforced_watts()) == (350.0, 120.0)


def test_a_zone_with_a_meter_only_has_no_limit(sysfs):
    sysfs.zone("intel-rapl:0", "package-0")
    (package,) = _packages(sysfs)
    assert not package.zone.limits_watts
    assert package.enforced_watts() is None
    with pytest.raises(NotSupportedError):
        package.zone.write_limit(200)


def test_rated_power_that_the_kernel_does_not_know_is_none(sysfs):
    zone = sysfs.package(0)
    assert _packages(sysfs)[0].zone.maximum_watts() == 350.0
    sysfs.write(f"{zone}/constraint_0_max_power_uw", 0)
    assert _packages(sysfs)[0].zone.maximum_watts() is None


def test_limits_that_may_not_be_written_say_so(sysfs):
    sysfs.package(0)
    package = _packages(sysfs)[0]
    with sysfs.read_only(), pytest.raises(NoPermissionError, match="constraint_1_power_limit_uw"):
        package.zone.write_limit(200)
    assert package.enforced_watts() == 350.0


def test_an_attribute_that_went_away_says_so(sysfs):
    zone = sysfs.package(0)
    package = _packages(sysfs)[0]
    sysfs.remove(f"{zone}/energy_uj")
    with pytest.raises(NotSupportedError, match="energy_uj"):
        package.zone.energy_microjoules()
