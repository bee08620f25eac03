"""Draw, clock and speed hang together as on real boards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.twin.cpu import XEON_8480, SimulatedCpu
from common.twin.errors import OutOfRangeError
from common.twin.gpu import SimulatedGpu
from common.twin.gpu_model import A100, GPU_MODELS, H100, IDLE, GpuModel, Load
from common.twin.randomness import generator

PREFILL = Load(1.0, 0.0)
DECODE = Load(0.05, 0.95)


def settled(load: Load, *, limit: float = 700.0, lock: int | None = None) -> SimulatedGpu:
    gpu = SimulatedGpu(H100, "GPU-0", 0, generator("test"))
    gpu.load = load
    gpu.set_power_limit(limit)
    gpu.set_clock_lock(lock)
    for _ in range(200):
        gpu.step(0.02)
    return gpu


@pytest.mark.parametrize("model", GPU_MODELS.values(), ids=GPU_MODELS.keys())
def test_full_compute_reaches_the_boards_power(model: GpuModel) -> None:
    full = model.draw_watts(PREFILL, model.clocks.max_clock_mhz)
    assert 0.95 * model.max_limit_watts <= full <= 1.1 * model.max_limit_watts


@given(
    model=st.sampled_from(list(GPU_MODELS.values())),
    compute=st.floats(0, 1),
    memory=st.floats(0, 1),
    clocks=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_draw_never_falls_as_the_clock_rises(
    model: GpuModel, compute: float, memory: float, clocks: tuple[float, float]
) -> None:
    span = model.clocks.max_clock_mhz - model.clocks.min_clock_mhz
    low, high = (model.clocks.min_clock_mhz + span * share for share in sorted(clocks))
    load = Load(compute, memory * (1 - compute))
    assert model.draw_watts(load, low) <= model.draw_watts(load, high) + 1e-9


def test_a_watt_limit_is_inert_in_memory_bound_decode() -> None:
    free, limited = settled(DECODE), settled(DECODE, limit=500.0)
    assert limited.true_draw_watts == pytest.approx(free.true_draw_watts)
    assert limited.throttle_reasons == []


def test_a_clock_lock_saves_in_decode_at_little_cost() -> None:
    free, locked = settled(DECODE), settled(DECODE, lock=1200)
    assert locked.true_draw_watts < 0.78 * free.true_draw_watts
    assert locked.relative_performance > 0.95
    assert locked.throttle_reasons == ["applications_clocks_setting"]


def test_the_same_lock_costs_prefill_its_speed() -> None:
    assert settled(PREFILL, lock=1200).relative_performance == pytest.approx(1200 / 1980)


def test_a_watt_limit_slows_prefill_less_than_it_saves() -> None:
    limited = settled(PREFILL, limit=400.0)
    assert limited.true_draw_watts == pytest.approx(398, abs=2)
    assert 0.65 < limited.relative_performance < 0.8
    assert limited.throttle_reasons == ["sw_power_cap"]


def test_an_idle_gpu_draws_its_idle_power_and_says_so() -> None:
    gpu = settled(IDLE)
    assert gpu.true_draw_watts == H100.idle_watts
    assert gpu.throttle_reasons == ["gpu_idle"]
    assert gpu.relative_performance == 1.0


def test_temperature_follows_draw_slowly() -> None:
    gpu = settled(IDLE)
    before = gpu.temperature_celsius
    gpu.load = PREFILL
    gpu.step(0.02)
    assert gpu.temperature_celsius - before < 0.1
    for _ in range(5000):
        gpu.step(0.02)
    assert 65 < gpu.temperature_celsius < 85


@pytest.mark.parametrize("watts", [0.0, 99.9, 400.1, -5.0])
def test_limits_outside_the_range_are_refused(watts: float) -> None:
    gpu = SimulatedGpu(A100, "GPU-0", 0, generator("test"))
    with pytest.raises(OutOfRangeError, match="100 to 400 W"):
        gpu.set_power_limit(watts)
    assert gpu.requested_limit_watts == 400.0


@pytest.mark.parametrize("mhz", [0, 799, 3801])
def test_clocks_outside_the_range_are_refused(mhz: int) -> None:
    package = SimulatedCpu(XEON_8480, 0, generator("test"))
    with pytest.raises(OutOfRangeError, match="800 to 3800 MHz"):
        package.set_clock_lock(mhz)
    assert package.clock_lock_mhz is None
