"""Quantiles are values that were measured."""

import pytest

from benchmarks.quantile import quantile

CASES = {
    "the lowest": ([3, 1, 2], 0.0, 1),
    "the middle one of three": ([3, 1, 2], 0.5, 2),
    "half of four lie below": ([4, 1, 3, 2], 0.5, 3),
    "the last of forty": (list(range(40)), 0.99, 39),
    "never beyond the highest": ([1, 2], 1.0, 2),
    "of one value": ([7], 0.99, 7),
}


@pytest.mark.parametrize("name", CASES)
def test_quantile(name: str) -> None:
    values, share, expected = CASES[name]
    assert quantile(values, share) == expected
