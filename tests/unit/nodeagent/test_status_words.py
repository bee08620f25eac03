"""What a person reads in the status of a node and of each device."""

from dataclasses import replace

import pytest

from common.api.frequencies import GpuFrequency, GpuPowerLimit
from nodeagent.devices.device import Awaited
from nodeagent.report.status import build_status, without_live_figures
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent

CASES = {
    "inside the range": ({"watts": 300}, "Applied", ""),
    "under the floor": ({"watts": 100}, "Clamped", "100 W is under the device's floor of 200 W"),
    "over the ceiling": ({"watts": 900}, "Clamped", "900 W is over the device's highest limit of 700 W"),
    "clock inside the range": ({"mhz": 1000}, "Applied", ""),
    "clock outside the range": ({"mhz": 100}, "Clamped", "100 MHz is outside the device's 300 to 2,000 MHz"),
}


def points(watts=None, mhz=None, gpu="GPU-0"):
    limits = [GpuPowerLimit(gpu_id=gpu, watts=watts)] if watts is not None else []
    clocks = [GpuFrequency(gpu_id=gpu, target_frequency=mhz)] if mhz is not None else []
    return {"gpu_power_limits": limits, "gpu_frequencies": clocks}


def status_of(agent, snapshot):
    return build_status(snapshot, [], agent.clock.now())


def condition(status, name):
    return next(c for c in status.conditions if c.type == name)


async def held(tmp_path, seen, *known, seconds=3, devices=None):
    agent = Agent(
        devices or [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=600.0) for n in range(2)], tmp_path
    )
    agent.see(seen, *known)
    return status_of(agent, await agent.turns(seconds))


@pytest.mark.parametrize(("asked", "status", "reason"), CASES.values(), ids=CASES)
async def test_a_set_point_has_its_status_and_reason(tmp_path, asked, status, reason):
    found = (await held(tmp_path, frequencies(**points(**asked)))).gpus[0]
    assert (found.status, found.reason) == (status, reason)


async def test_one_watt_of_difference_is_not_applied_yet(tmp_path):
    device = FakeDevice(gpu_info("GPU-0"), limit=301.0)
    agent = Agent([device], tmp_path)
    agent.see(frequencies(**points(300)))
    await agent.turn()
    assert status_of(agent, await agent.turn()).gpus[0].status == "Pending"
    assert status_of(agent, await agent.turn()).gpus[0].status == "Applied"


async def test_an_unknown_gpu_costs_only_itself(tmp_path):
    seen = frequencies(
        gpu_power_limits=[*points(300)["gpu_power_limits"], GpuPowerLimit(gpu_id="X", watts=1)]
    )
    status = await held(tmp_path, seen)
    assert [(gpu.gpu_id, gpu.status) for gpu in status.gpus] == [
        ("GPU-0", "Applied"), ("GPU-1", "Applied"), ("X", "Failed"),
    ]  # fmt: skip
    assert "no GPU of that UUID" in condition(status, "Degraded").message


async def test_a_set_point_over_what_the_budget_leaves_is_clamped(tmp_path):
    status = await held(tmp_path, frequencies(budget(1, 900, base=600), **points(650)), domain())
    assert status.gpus[0].status == "Clamped"
    assert "budget leaves" in status.gpus[0].reason
    assert "650 W" in status.gpus[0].reason


async def test_a_budget_in_plain_words(tmp_path):
    status = await held(tmp_path, frequencies(budget(1, 1000, base=600)), domain())
    obeyed = condition(status, "BudgetObeyed")
    assert (obeyed.status, obeyed.reason) == ("True", "Granted")
    assert "1,000 W granted; the devices allow" in obeyed.message
    assert condition(status, "Ready").status == "True"


async def test_floors_over_the_budget_are_said_with_the_watts_that_are_missing(tmp_path):
    status = await held(tmp_path, frequencies(budget(1, 450, base=450)), domain())
    obeyed = condition(status, "BudgetObeyed")
    assert (obeyed.status, obeyed.reason) == ("False", "FloorsTooHigh")
    assert "58 W more" in obeyed.message
    assert status.power_budget.minimum_budget_watts == 508


async def test_no_device_at_all_is_said(tmp_path):
    agent = Agent([], tmp_path)
    agent.see(frequencies())
    ready = condition(status_of(agent, await agent.turn()), "Ready")
    assert (ready.status, ready.reason) == ("False", "NoDevices")


@pytest.mark.parametrize(
    ("why", "status", "reason"), [("", "True", "AllAnswered"), ("x", "False", "DriverSilent")]
)
async def test_whether_every_driver_named_its_devices(tmp_path, why, status, reason):
    agent = Agent([FakeDevice(gpu_info("GPU-0"))], tmp_path)
    agent.see(frequencies())
    awaited = Awaited(frozenset({"gpu-0"}), "DriverSilent", why) if why else None
    snapshot = replace(await agent.turns(1), awaited=awaited)
    found = status_of(agent, snapshot)
    assert (condition(found, "DevicesFound").status, condition(found, "DevicesFound").reason) == (
        status,
        reason,
    )
    assert condition(found, "Degraded").status == ("True" if why else "False")


async def test_draws_and_times_alone_are_no_news(tmp_path):
    device = FakeDevice(gpu_info("GPU-0"), draw=100.0)
    agent = Agent([device], tmp_path)
    agent.see(frequencies())
    first = status_of(agent, await agent.turns(1))
    device.draw = 500.0
    second = status_of(agent, await agent.turns(1))
    assert first != second
    assert without_live_figures(first) == without_live_figures(second)
