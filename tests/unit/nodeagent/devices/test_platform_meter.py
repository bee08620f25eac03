"""RAPL's platform zone as the meter of the node: what its rest draws is what no device did."""

import threading
from dataclasses import replace

import pytest

from nodeagent.devices.device import NodeMeter
from nodeagent.devices.errors import NotSupportedError
from nodeagent.devices.psys import find_platform_meter
from nodeagent.devices.sysfs import Sysfs
from nodeagent.discovery import find_devices
from nodeagent.guard.restbound import RestBound
from nodeagent.guard.restlearning import LearnedRest, LearningSettings
from nodeagent.hardware.rest import RestReader
from nodeagent.settings import AgentSettings
from tests.fakes.clock import FakeClock
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent

PSYS = "class/powercap/intel-rapl:1"
RANGE_MICROJOULES = 262_143_328_850


@pytest.fixture
def platform(sysfs):
    sysfs.package(0)
    sysfs.write(f"{PSYS}/name", "psys")
    sysfs.write(f"{PSYS}/energy_uj", 5_000_000)
    sysfs.write(f"{PSYS}/max_energy_range_uj", RANGE_MICROJOULES)
    return sysfs


def test_its_counter_is_read_in_millijoules(platform):
    meter = find_platform_meter(Sysfs(platform.root))
    assert isinstance(meter, NodeMeter)
    assert meter.read_energy_millijoules() == 5000
    assert meter.energy_range_millijoules == RANGE_MICROJOULES // 1000


def test_a_node_without_one_is_told_apart(sysfs):
    sysfs.package(0)
    with pytest.raises(NotSupportedError, match="--node-meter=psys"):
        find_platform_meter(Sysfs(sysfs.root))


@pytest.mark.parametrize(("named", "there"), [("psys", True), ("none", False), ("driver", False)])
def test_it_is_used_only_where_it_is_named(platform, named, there):
    settings = AgentSettings(
        node_name="n",
        devices=("cpu",),
        sysfs_root=str(platform.root),
        rest_bound_watts=500,
        node_meter=named,
    )
    assert (find_devices(settings).rest_meter is not None) is there


class CountedDevice(FakeDevice):
    """A device whose energy counter follows its draw."""

    def __init__(self, info, clock):
        super().__init__(info, draw=400.0)
        self._clock = clock
        self._joules, self._at = 0.0, clock.monotonic()
        self._counting = threading.Lock()

    @property
    def joules(self):
        with self._counting:
            now = self._clock.monotonic()
            self._joules += min(self.draw, self.limit) * (now - self._at)
            self._at = now
            return self._joules

    def write_power_limit(self, watts):
        assert self.joules >= 0.0
        super().write_power_limit(watts)

    def read(self):
        return replace(super().read(), energy_millijoules=int(self.joules * 1000))


class NodeCounter:
    """A counter of the whole node, which starts again at zero now and then."""

    energy_range_millijoules = 50_000_000

    def __init__(self, devices, clock, rest):
        self._devices, self._clock, self.rest = devices, clock, rest

    def read_energy_millijoules(self):
        joules = self.rest * self._clock.monotonic() + sum(device.joules for device in self._devices)
        return int(joules * 1000) % self.energy_range_millijoules


async def watched(tmp_path, rest, seconds=40):
    clock = FakeClock()
    devices = [CountedDevice(gpu_info(f"GPU-{n}", index=n), clock) for n in range(3)]
    learned = LearnedRest(LearningSettings(enough_seconds=20.0))
    bound = RestBound(900, learned, 0.8, clock.monotonic())
    reader = RestReader(bound, NodeCounter(devices, clock, rest), clock.monotonic)
    agent = Agent(devices, tmp_path, clock=clock, rest=reader)
    agent.see(frequencies(budget(1, 2400, base=1600)), domain())
    snapshot = await agent.turns(seconds)
    agent.kill()
    return snapshot, learned


async def test_the_rest_is_what_the_node_drew_beyond_its_devices(tmp_path):
    snapshot, learned = await watched(tmp_path, rest=500.0)
    assert learned.is_enough
    # Devices may be read 0.1 s before the node: of 2 s that is a twentieth of what they draw.
    assert learned.highest_seen_watts == pytest.approx(500, abs=1200 / 20 + 1)
    assert snapshot.standing.rest.watts < 700


async def test_a_zone_that_does_not_cover_the_devices_is_not_believed(tmp_path):
    snapshot, learned = await watched(tmp_path, rest=-600.0)
    assert not learned.is_enough
    assert snapshot.standing.rest.watts == 900
    assert "does not cover them all" in snapshot.problems[0]
