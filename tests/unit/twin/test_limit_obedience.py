"""A limit in place holds the mean over any second, whatever the load does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.twin.cpu import XEON_8480, SimulatedCpu
from common.twin.device import SimulatedDevice
from common.twin.gpu import SimulatedGpu
from common.twin.gpu_model import A100, GPU_MODELS, H100, IDLE, GpuModel, Load
from common.twin.randomness import generator
from common.twin.regulator import PowerRegulator, RegulatorSettings

PEAK = Load(1.0, 0.0)


def loads() -> st.SearchStrategy[Load]:
    anywhere = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(
        lambda pair: Load(pair[0], pair[1] * (1 - pair[0]))
    )
    return st.sampled_from([IDLE, PEAK, Load(0.0, 1.0)]) | anywhere


def phases() -> st.SearchStrategy[list[tuple[Load, int]]]:
    return st.lists(st.tuples(loads(), st.integers(1, 60)), min_size=1, max_size=40)


def gpu(model: GpuModel = H100) -> SimulatedGpu:
    return SimulatedGpu(model, "GPU-0", 0, generator("test"))


def watts_under(device: SimulatedGpu, plan: Sequence[tuple[Load, int]], dt: float) -> Iterator[float]:
    for load, steps in plan:
        device.load = load
        for _ in range(steps):
            device.step(dt)
            yield device.true_draw_watts


def run(device: SimulatedDevice, seconds: float, dt: float = 0.02) -> None:
    for _ in range(round(seconds / dt)):
        device.step(dt)


def highest_second(watts: Sequence[float], dt: float) -> float:
    width = max(1, round(1.0 / dt))
    sums = [sum(watts[start : start + width]) for start in range(max(1, len(watts) - width + 1))]
    return max(sums) / min(width, len(watts))


@settings(max_examples=150)
@given(
    model=st.sampled_from(list(GPU_MODELS.values())),
    share=st.floats(0, 1),
    before=phases(),
    plan=phases(),
    dt=st.sampled_from([0.01, 0.02, 0.05, 0.1]),
)
def test_any_second_of_any_load_keeps_the_limit(
    model: GpuModel, share: float, before: list[tuple[Load, int]], plan: list[tuple[Load, int]], dt: float
) -> None:
    device = gpu(model)
    list(watts_under(device, before, dt))
    limit = model.min_limit_watts + share * (model.max_limit_watts - model.min_limit_watts)
    device.set_power_limit(limit)
    run(device, model.regulator.settle_seconds, dt)
    watts = list(watts_under(device, plan * 3, dt))
    if len(watts) * dt >= 1.0:
        assert highest_second(watts, dt) <= limit * (1 + model.regulator.one_second_excursion_ratio)


@pytest.mark.parametrize("period_steps", [2, 3, 5, 10, 25, 50])
@pytest.mark.parametrize("limit", [200.0, 350.0, 690.0])
def test_a_load_that_toggles_as_nastily_as_it_can_keeps_the_limit(limit: float, period_steps: int) -> None:
    device = gpu()
    device.set_power_limit(limit)
    run(device, H100.regulator.settle_seconds)
    plan = [(PEAK, 1), (IDLE, period_steps - 1)] * (500 // period_steps)
    watts = list(watts_under(device, plan, 0.02))
    # Only the first second counts the whole allowance; nothing here relies on quiet steps to make up for it.
    excess = [max(0.0, value / limit - 1.0) for value in watts]
    assert highest_second(excess, 0.02) <= H100.regulator.one_second_excursion_ratio


@settings(max_examples=60)
@given(before=phases(), high=st.floats(200, 700), low=st.floats(200, 700))
def test_lowering_never_lets_more_through_than_the_old_limit_did(
    before: list[tuple[Load, int]], high: float, low: float
) -> None:
    high, low = max(high, low), min(high, low)
    device = gpu()
    device.set_power_limit(high)
    run(device, H100.regulator.settle_seconds)
    list(watts_under(device, before, 0.02))
    device.set_power_limit(low)
    watts = list(watts_under(device, [(PEAK, 100)], 0.02))
    assert highest_second(watts, 0.02) <= high * (1 + H100.regulator.one_second_excursion_ratio)


def test_a_lower_limit_takes_effect_with_a_lag() -> None:
    device = gpu()
    device.load = PEAK
    run(device, 2.0)
    device.set_power_limit(300.0)
    device.step(0.02)
    at_once = device.true_draw_watts
    run(device, 0.28)
    soon = device.true_draw_watts
    run(device, 1.0)
    assert at_once > 600.0
    assert soon < 340.0
    assert 290.0 < device.true_draw_watts <= 300.0


def test_a_step_of_load_overshoots_by_at_most_a_quarter_and_only_for_moments() -> None:
    device = gpu()
    device.set_power_limit(300.0)
    run(device, 3.0)
    watts = list(watts_under(device, [(PEAK, 25)], 0.02))
    assert 330.0 < watts[0] <= 375.0
    assert watts == sorted(watts, reverse=True)
    assert watts[10] < 303.0


@pytest.mark.parametrize("model", GPU_MODELS.values(), ids=GPU_MODELS.keys())
def test_the_lowest_limit_can_be_kept_at_any_load(model: GpuModel) -> None:
    highest = max(model.draw_watts(Load(c / 10, 1 - c / 10), model.clocks.min_clock_mhz) for c in range(11))
    assert highest <= 0.995 * model.min_limit_watts


@settings(max_examples=60)
@given(plan=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 80)), min_size=1), limit=st.floats(130, 350))
def test_a_package_keeps_its_limit_too(plan: list[tuple[float, int]], limit: float) -> None:
    package = SimulatedCpu(XEON_8480, 0, generator("test"))
    package.set_power_limit(limit)
    run(package, XEON_8480.regulator.settle_seconds)
    watts = []
    for utilisation, steps in plan:
        package.utilisation = utilisation
        for _ in range(steps):
            package.step(0.02)
            watts.append(package.true_draw_watts)
    if len(watts) >= 50:
        assert highest_second(watts, 0.02) <= limit * (1 + XEON_8480.regulator.one_second_excursion_ratio)


def test_a_device_that_ignores_its_limit_reports_it_all_the_same() -> None:
    device = gpu(A100)
    device.obeys_limit = False
    device.load = PEAK
    device.set_power_limit(150.0)
    run(device, 2.0)
    assert device.enforced_limit_watts == 150.0
    assert device.true_draw_watts > 390.0


@given(dt=st.floats(0.001, 2.0), wanted=st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_the_allowance_bounds_excess_for_any_step_width(dt: float, wanted: list[float]) -> None:
    rules = RegulatorSettings()
    regulator = PowerRegulator(rules, 100.0)
    excess_seconds = 0.0
    for factor in wanted:
        draw = min(100.0 * factor, regulator.ceiling_watts(dt))
        regulator.spend(draw, dt)
        excess_seconds += max(0.0, draw / 100.0 - 1.0) * dt
    spare = rules.refill_ratio_per_second * dt * len(wanted)
    assert excess_seconds <= rules.allowance_seconds + spare + 1e-9
