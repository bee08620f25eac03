"""Sensors err within their bounds; energy counters integrate the true draw."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.twin.cpu import XEON_8480, SimulatedCpu
from common.twin.gpu import SimulatedGpu
from common.twin.gpu_model import H100, Load
from common.twin.meter import MeterSettings, SampledMeter
from common.twin.randomness import generator


@settings(max_examples=40)
@given(plan=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 40)), min_size=1, max_size=20))
def test_the_energy_counter_is_the_integral_of_the_true_draw(plan: list[tuple[float, int]]) -> None:
    gpu = SimulatedGpu(H100, "GPU-0", 0, generator("test"))
    joules = 0.0
    for compute, steps in plan:
        gpu.load = Load(compute, 0.0)
        for _ in range(steps):
            gpu.step(0.02)
            joules += gpu.true_draw_watts * 0.02
    assert gpu.energy_millijoules == pytest.approx(joules * 1000.0, abs=1.0)


def test_a_packages_counter_wraps_and_differences_stay_right() -> None:
    package = SimulatedCpu(XEON_8480, 0, generator("test"))
    range_millijoules = int(XEON_8480.energy_range_joules * 1000)
    counted, wraps = 0, 0
    before = package.energy_millijoules
    for _ in range(6000):
        package.utilisation = 1.0
        package.step(1.0)
        now = package.energy_millijoules
        wraps += now < before
        counted += (now - before) % range_millijoules
        before = now
    assert wraps >= 6
    assert counted == pytest.approx(6000 * 350_000, rel=0.01)


def test_readings_are_near_the_truth_and_seldom_equal_to_it() -> None:
    gpu = SimulatedGpu(H100, "GPU-0", 0, generator("test"))
    gpu.load = Load(0.5, 0.3)
    seen = []
    for _ in range(2000):
        gpu.step(0.02)
        seen.append(gpu.draw_watts)
    errors = [abs(value / gpu.true_draw_watts - 1) for value in seen[200:]]
    assert max(errors) < 0.035
    assert fmean(errors) > 0.001


def test_a_reading_changes_ten_times_a_second() -> None:
    meter = SampledMeter(MeterSettings(), generator("test"), 100.0)
    values = []
    for _ in range(500):
        meter.step(100.0, 0.02)
        values.append(meter.watts)
    changes = sum(a != b for a, b in pairwise(values))
    assert 95 <= changes <= 101


def test_a_sensor_misses_what_happens_between_its_looks() -> None:
    meter = SampledMeter(MeterSettings(gain_error_ratio=0.0, noise_ratio=0.0), generator("test"), 0.0)
    seen = set()
    for step in range(1000):
        meter.step(500.0 if step % 5 == 0 else 100.0, 0.02)
        seen.add(round(meter.watts))
    assert 180 not in seen
