"""Old samples fade, quantiles are within a bucket of the truth."""

import numpy as np
import pytest

from common.models.draw_histogram import DrawHistogram

DAY = 24 * 3600.0


def test_quantiles_are_within_five_percent():
    watts = np.random.default_rng(3).uniform(100, 700, 5000)
    histogram = DrawHistogram()
    for number, value in enumerate(watts):
        histogram.add(float(number), value)
    for share in (0.5, 0.95, 0.98):
        assert histogram.quantile(share) == pytest.approx(np.quantile(watts, share), rel=0.06)


def test_a_sample_weighs_half_after_the_half_life():
    histogram = DrawHistogram(half_life_seconds=DAY)
    for _ in range(10):
        histogram.add(0.0, 100.0)
    for _ in range(6):
        histogram.add(DAY, 500.0)
    assert histogram.quantile(0.5) > 400


def test_it_survives_years():
    histogram = DrawHistogram(half_life_seconds=3600.0)
    for day in range(1000):
        histogram.add(day * DAY, 300.0)
    assert histogram.quantile(0.95) == pytest.approx(300, rel=0.06)


def test_an_empty_one_knows_nothing():
    histogram = DrawHistogram()
    assert histogram.empty
    assert (histogram.quantile(0.9), histogram.span_seconds) == (0.0, 0.0)
