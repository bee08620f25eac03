"""Kubernetes quantities as numbers."""

import pytest

from common.api.quantity import parse_quantity, whole_number

NUMBERS = {
    "1": 1,
    "500m": 0.5,
    "1.5": 1.5,
    "2k": 2000,
    "1e3": 1000,
    "1E3": 1000,
    "2Ki": 2048,
    "100u": 1e-4,
    ".5": 0.5,
    "-1": -1,
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items(), ids=NUMBERS.keys())
def test_number(text, number):
    assert parse_quantity(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "x", "1 W", "1kk", "--1", None, "1e999", "1e9999999", "9" * 400, "10E"])
def test_not_a_quantity(text):
    assert parse_quantity(text) is None


@pytest.mark.parametrize(("text", "number"), [("1.001k", 1001), ("0.29k", 290), ("4035000m", 4035)])
def test_what_is_whole_is_not_lost_to_rounding(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["1e999", "9" * 400])
def test_a_number_beyond_all_bounds_is_none(text):
    assert whole_number(text) is None


def test_whole_numbers():
    assert [whole_number(text) for text in ("700", "1k", "0.3k", "700.5", "-1", "x")] == [
        700,
        1000,
        300,
        None,
        None,
        None,
    ]
