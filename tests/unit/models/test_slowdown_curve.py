"""A slowdown curve is monotone and convex whatever was measured, and its inverse undoes it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.models.slowdown import SlowdownCurve, fit_curve

LIMITS = np.arange(100.0, 301.0, 25.0)

measured = st.lists(st.floats(0.1, 1e4), min_size=LIMITS.size, max_size=LIMITS.size).map(np.array)


@given(measured)
def test_curve_never_rises_with_the_limit_and_is_convex(seconds):
    curve = fit_curve(LIMITS, seconds)
    times = curve.seconds(np.linspace(50, 350, 301))
    tolerance = 1e-9 * times.max()
    assert (np.diff(times) <= tolerance).all()
    assert (np.diff(times, 2) >= -tolerance).all()
    assert (times > 0).all()


@given(measured, st.floats(0.001, 2.0))
def test_inversion_gives_the_lowest_limit_that_is_good_enough(seconds, slowdown):
    curve = fit_curve(LIMITS, seconds)
    watts = curve.watts_at_slowdown(slowdown, floor_watts=100)
    assert curve.slowdown(np.array(watts)) <= slowdown + 1e-9
    assert watts == pytest.approx(100) or curve.slowdown(np.array(watts - 0.01)) > slowdown - 1e-6


@given(st.floats(101, 299))
def test_inversion_undoes_the_curve(watts):
    curve = SlowdownCurve(300.0, np.array([1.0]), np.array([2.0]), np.array([0.3]), 1.0)
    slowdown = float(curve.slowdown(np.array(watts)))
    assert curve.watts_at_slowdown(slowdown, floor_watts=100) == pytest.approx(watts, abs=1e-3)


def test_a_full_sweep_of_the_model_itself_is_fitted_exactly():
    truth = SlowdownCurve(300.0, np.array([0.75]), np.array([4.0]), np.array([0.5]), 20.0)
    fitted = fit_curve(LIMITS, truth.seconds(LIMITS))
    assert fitted.seconds(LIMITS) == pytest.approx(truth.seconds(LIMITS), rel=1e-6)


def test_a_workload_that_no_limit_slows_may_take_the_floor():
    curve = fit_curve(LIMITS, np.full(LIMITS.size, 7.0))
    assert curve.watts_at_slowdown(0.0, floor_watts=100) == 100


def test_a_negative_slowdown_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        fit_curve(LIMITS, np.full(LIMITS.size, 7.0)).watts_at_slowdown(-0.1)
